import { otlp } from '@throughline/components';
import { type RunningReceiver, startReceiver } from '@throughline/components/testing';
import type { LogRecord, Span } from '@throughline/model';
import { decodeLogs, decodeTraces } from '@throughline/wire';
import { afterEach } from 'vitest';

const running: Receiver[] = [];
afterEach(async () => {
  for (const each of running.splice(0)) await each.stop();
});

/** An OTLP receiver in this process, whose pipelines keep what they get. */
export interface Receiver extends RunningReceiver {
  /** `http://127.0.0.1:4318`. */
  readonly http: string;
  /** `127.0.0.1:4317`. */
  readonly grpc: string;
  spans(): Span[];
  records(): LogRecord[];
}

/** `http` and `grpc` are more of the receiver's settings, in the schema's spelling. It stops after the test. */
export async function receiver(http: object = {}, grpc: object = {}): Promise<Receiver> {
  const endpoint = '127.0.0.1:0';
  const started = await startReceiver(otlp, {
    protocols: { http: { endpoint, ...http }, grpc: { endpoint, ...grpc } },
  });
  const all: Receiver = {
    ...started,
    stop: () => started.stop(),
    http: started.urls['OTLP/HTTP']!,
    grpc: new URL(started.urls['OTLP/gRPC']!).host,
    spans: () => started.traces.batches.flatMap(({ bytes }) => decodeTraces(bytes)),
    records: () => started.logs.batches.flatMap(({ bytes }) => decodeLogs(bytes)),
  };
  running.push(all);
  return all;
}
