import { Agent, request as httpRequest } from 'node:http';
import { connect } from 'node:http2';
import { performance } from 'node:perf_hooks';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Traffic } from './generator.ts';

export interface LoadOptions {
  readonly protocol: 'grpc' | 'http';
  /** `http://127.0.0.1:4317` */
  readonly url: string;
  readonly traffic: Traffic;
  /** Stop after this many. */
  readonly spans: number;
  /** Each has one request under way. Default 8. */
  readonly connections?: number;
  /** Default: as fast as they are taken. */
  readonly spansPerSecond?: number | undefined;
  /** Told of each acknowledgement. */
  readonly acknowledged?: (spans: number) => void;
}

export interface Load {
  readonly acknowledged: number;
  /** Spans that were not taken, by reason: an HTTP or gRPC status, an error code. */
  readonly refused: Readonly<Record<string, number>>;
  readonly seconds: number;
  readonly spansPerSecond: number;
  readonly ackP50Ms: number;
  readonly ackP99Ms: number;
}

interface Sender {
  /** Undefined when the spans were taken, else why they were not. */
  post(body: Uint8Array): Promise<string | undefined>;
  close(): void;
}

/**
 * Sends traffic and waits for every answer. With a rate each request has a time at which it is due: where all
 * connections were still waiting then, its latency counts from that time, so that a stall is not hidden by the requests that
 * it kept from being sent.
 */
export async function load(options: LoadOptions): Promise<Load> {
  const { traffic, spans, spansPerSecond, connections = 8 } = options;
  const waits: number[] = [];
  const refused: Record<string, number> = {};
  let taken = 0;
  let acknowledged = 0;
  const begun = performance.now();

  const work = async (sender: Sender) => {
    while (taken < spans) {
      const { body, spans: count } = traffic.next();
      const due = spansPerSecond === undefined ? 0 : begun + (taken / spansPerSecond) * 1000;
      taken += count;
      const early = due - performance.now();
      if (early > 0) await sleep(early);
      const since = due > 0 && early <= 0 ? due : performance.now();
      const reason = await sender.post(body);
      waits.push(performance.now() - since);
      if (reason !== undefined) refused[reason] = (refused[reason] ?? 0) + count;
      else {
        acknowledged += count;
        options.acknowledged?.(count);
      }
    }
  };
  const senders = Array.from({ length: connections }, () =>
    options.protocol === 'grpc' ? grpcSender(options.url) : httpSender(options.url),
  );
  await Promise.all(senders.map(work));
  const seconds = (performance.now() - begun) / 1000;
  for (const sender of senders) sender.close();
  waits.sort((a, b) => a - b);
  return {
    acknowledged,
    refused,
    seconds,
    spansPerSecond: acknowledged / seconds,
    ackP50Ms: waits[Math.floor(waits.length * 0.5)] ?? Number.NaN,
    ackP99Ms: waits[Math.floor(waits.length * 0.99)] ?? Number.NaN,
  };
}

/** OTLP/HTTP, protobuf, one connection that is kept. */
function httpSender(url: string): Sender {
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  return {
    post: (body) =>
      new Promise((resolve) => {
        const headers = { 'content-type': 'application/x-protobuf', 'content-length': body.length };
        const sending = httpRequest(`${url}/v1/traces`, { method: 'POST', agent, headers }, (answer) => {
          answer.resume();
          answer.once('end', () =>
            resolve(answer.statusCode === 200 ? undefined : `HTTP ${answer.statusCode}`),
          );
        });
        sending.once('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? error.message));
        sending.end(body);
      }),
    close: () => agent.destroy(),
  };
}

/** OTLP/gRPC on one HTTP/2 connection. */
function grpcSender(url: string): Sender {
  const session = connect(url);
  session.on('error', () => {});
  return {
    post: (body) =>
      new Promise((resolve) => {
        let status: string | undefined;
        const call = session.request({
          ':method': 'POST',
          ':path': '/opentelemetry.proto.collector.trace.v1.TraceService/Export',
          'content-type': 'application/grpc',
          te: 'trailers',
        });
        const read = (headers: Record<string, unknown>) => {
          if (typeof headers['grpc-status'] === 'string') status = headers['grpc-status'];
        };
        call
          .on('response', read)
          .on('trailers', read)
          .on('error', () => {})
          .resume();
        call.once('close', () => resolve(status === '0' ? undefined : `gRPC ${status ?? 'without status'}`));
        const prefix = Buffer.alloc(5);
        prefix.writeUInt32BE(body.length, 1);
        call.write(prefix);
        call.end(body);
      }),
    close: () => session.close(),
  };
}
