import { type ClientRequest, type IncomingMessage, get } from 'node:http';
import { get as getSecurely } from 'node:https';
import type { Socket } from 'node:net';
import { grpcStrategy } from './strategy-grpc.ts';
import type { SamplingStrategy } from './strategy.ts';

const timeoutMs = 10_000;
const maxAnswerBytes = 1 << 20;

/** What a server that speaks only HTTP/2, as gRPC does, makes of a request in HTTP/1. */
const speaksHttp2 = new Set(['ECONNRESET', 'HPE_INVALID_CONSTANT', 'HPE_INVALID_VERSION', 'EPIPE']);

/**
 * Asks the sampling manager at `endpoint` (`http://host:port`) how to sample the traces of `service`: in JSON over HTTP
 * (`/sampling?service=`), else over gRPC. Never keeps the process alive.
 */
export async function askStrategy(endpoint: URL, service: string): Promise<SamplingStrategy> {
  try {
    return await httpStrategy(endpoint, service);
  } catch (error) {
    if (!speaksHttp2.has(String((error as NodeJS.ErrnoException).code))) throw error;
    return await grpcStrategy(endpoint, service, timeoutMs);
  }
}

async function httpStrategy(endpoint: URL, service: string): Promise<SamplingStrategy> {
  const path = endpoint.pathname.replace(/\/+$/, '');
  const url = new URL(endpoint);
  url.pathname = path.endsWith('/sampling') ? path : `${path}/sampling`;
  url.searchParams.set('service', service);
  const send = url.protocol === 'https:' ? getSecurely : get;
  const response = await new Promise<IncomingMessage>((resolve, reject) => {
    const options = { agent: false, signal: AbortSignal.timeout(timeoutMs) };
    const request: ClientRequest = send(url, options, resolve);
    request.on('error', reject).on('socket', (socket: Socket) => socket.unref());
  });
  if (response.statusCode !== 200) {
    response.resume();
    throw new Error(`HTTP status ${response.statusCode}`);
  }
  return JSON.parse(await bodyOf(response)) as SamplingStrategy;
}

async function bodyOf(response: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of response as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > maxAnswerBytes) throw new Error(`more than ${maxAnswerBytes} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString();
}
