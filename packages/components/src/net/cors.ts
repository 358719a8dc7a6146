import type { IncomingMessage, ServerResponse } from 'node:http';
import { type Cors, originAllowed } from '@throughline/pipeline';

/**
 * Sets the headers that let a page of an allowed origin read the answer, and answers preflight requests: true when
 * this one was, and nothing is left to do. Without `cors`, or without an origin, nothing happens.
 */
export function answerCors(
  cors: Cors | undefined,
  request: IncomingMessage,
  response: ServerResponse,
): boolean {
  if (!cors || cors.allowedOrigins.length === 0) return false;
  const { origin } = request.headers;
  const wanted = request.headers['access-control-request-method'];
  const preflight = request.method === 'OPTIONS' && wanted !== undefined;
  response.setHeader(
    'Vary',
    preflight ? 'Origin, Access-Control-Request-Method, Access-Control-Request-Headers' : 'Origin',
  );
  const allowed = origin !== undefined && originAllowed(origin, cors.allowedOrigins);
  if (allowed) {
    response.setHeader('Access-Control-Allow-Origin', origin);
    response.setHeader('Access-Control-Allow-Credentials', 'true');
  }
  if (!preflight) {
    if (allowed && cors.exposedHeaders.length > 0)
      response.setHeader('Access-Control-Expose-Headers', cors.exposedHeaders.join(', '));
    return false;
  }
  if (allowed && wanted === 'POST') allowPost(cors, request, response);
  response.writeHead(204).end();
  return true;
}

function allowPost(cors: Cors, request: IncomingMessage, response: ServerResponse): void {
  const asked = (request.headers['access-control-request-headers'] ?? '')
    .split(',')
    .map((name) => name.trim().toLowerCase())
    .filter((name) => name !== '');
  const known = ['accept', 'accept-language', 'content-type', 'content-language', 'origin'].concat(
    cors.allowedHeaders.length > 0
      ? cors.allowedHeaders.map((name) => name.toLowerCase())
      : ['x-requested-with'],
  );
  if (!known.includes('*') && !asked.every((name) => known.includes(name))) return;
  response.setHeader('Access-Control-Allow-Methods', 'POST');
  if (asked.length > 0) response.setHeader('Access-Control-Allow-Headers', asked.join(', '));
  if (cors.maxAge > 0) response.setHeader('Access-Control-Max-Age', String(cors.maxAge));
}
