import { ROOT_CONTEXT, type Span, SpanKind, isSpanContextValid } from '@opentelemetry/api';
import { extract } from '@throughline/node';
import { randomUUID } from 'node:crypto';
import { type IncomingMessage, type Server, type ServerResponse, createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Metrics } from '../telemetry/metrics.ts';
import { type Telemetry, failSpan } from '../telemetry/telemetry.ts';
import { type Answer, HttpError, type Route, findRoute } from './route.ts';

export interface HttpServerOptions {
  telemetry: Telemetry;
  metrics: Metrics;
  routes: readonly Route[];
  host: string;
  /** 0 is any that is free. */
  port: number;
  /** Whether a caller's trace is continued. */
  honourCaller: boolean;
}

/** Whose level the spans of requests have. */
const target = 'http_server';

/** Listens, and answers each request in a SERVER span `<METHOD> <route>`. Resolves with the server and its port. */
export async function serveHttp(options: HttpServerOptions): Promise<{ server: Server; port: number }> {
  const server = createServer((request, response) => {
    handle(options, request, response).catch(() => response.destroy());
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(options.port, options.host, resolve);
  });
  return { server, port: (server.address() as AddressInfo).port };
}

/** Requests that are under way have this long to be answered. */
const patienceMs = 1000;

export async function closeHttp(server: Server): Promise<void> {
  const closed = new Promise((resolve) => server.close(resolve));
  server.closeIdleConnections();
  const timer = setTimeout(() => server.closeAllConnections(), patienceMs);
  await closed;
  clearTimeout(timer);
}

async function handle(
  { telemetry, metrics, routes, honourCaller }: HttpServerOptions,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const startedAt = performance.now();
  // Put together, not resolved: `//` is a path, and no host follows.
  const url = new URL(`http://localhost${request.url}`);
  const found = findRoute(routes, request.method ?? '', url.pathname);
  const name = found.path === undefined ? `${request.method}` : `${request.method} ${found.path}`;
  const settings = {
    kind: SpanKind.SERVER,
    parent: honourCaller ? extract(request.headers) : ROOT_CONTEXT,
    attributes: attributesOf(request, url, found.path),
    target,
  };
  await telemetry.span('info', name, settings, async (span) => {
    const answer = await answerOf(span, () => {
      if (!found.route) throw new HttpError(found.path === undefined ? 404 : 405);
      return found.route.handle({ params: found.params, query: url.searchParams, message: request });
    });
    span.setAttribute('http.response.status_code', answer.status);
    // For whoever wants to look at the trace of what they just asked.
    if (isSpanContextValid(span.spanContext())) response.setHeader('trace-id', span.spanContext().traceId);
    write(response, answer);
    const labels = {
      endpoint: found.path ?? '',
      method: request.method ?? '',
      status: String(answer.status),
    };
    metrics.count('http_requests_total', labels);
    metrics.observe('http_requests_duration_seconds', (performance.now() - startedAt) / 1000, labels);
  });
}

/** A request that is refused is well answered; only what goes wrong here makes the span failed. */
async function answerOf(span: Span, handle: () => Answer | Promise<Answer>): Promise<Answer> {
  try {
    return await handle();
  } catch (error) {
    const { message } = error as Error;
    const status = error instanceof HttpError ? error.status : 500;
    span.setAttributes({ 'exception.message': message });
    if (status >= 500) failSpan(span, error);
    return { status, body: `${message}\n` };
  }
}

function write(response: ServerResponse, { status, body }: Answer): void {
  const text = typeof body === 'string' ? body : JSON.stringify(body ?? null);
  const type = typeof body === 'string' ? 'text/plain; charset=utf-8' : 'application/json';
  // What is left of a request that was refused is not read.
  response.writeHead(status, { 'content-type': type, ...(status === 413 && { connection: 'close' }) });
  response.end(text);
}

/** Without the query, which has the token. */
function attributesOf(
  { method = '', headers, httpVersion, socket }: IncomingMessage,
  url: URL,
  route: string | undefined,
): Record<string, string | number> {
  return {
    'http.request.method': method,
    ...(route !== undefined && { 'http.route': route }),
    'url.path': url.pathname,
    'url.scheme': 'http',
    'server.address': headers.host?.replace(/:\d+$/, '') ?? '',
    'server.port': socket.localPort ?? 0,
    'client.address': socket.remoteAddress ?? '',
    'network.protocol.version': httpVersion,
    ...(headers['user-agent'] !== undefined && { 'user_agent.original': headers['user-agent'] }),
    request_id: randomUUID(),
  };
}
