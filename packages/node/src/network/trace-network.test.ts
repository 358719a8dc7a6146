import { trace } from '@opentelemetry/api';
import { type RequestOptions, request as httpRequest } from 'node:http';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { elapsedMs } from '../clock.ts';
import { start } from '../start.ts';
import { Collected, tree } from '../testing/collected.ts';
import { type Running, httpServer, lookupOf } from '../testing/servers.ts';
import type { NetworkPhases } from './network-trace.ts';
import { traceNetwork } from './trace-network.ts';

const collected = new Collected();
let server: Running;

beforeAll(async () => {
  process.env['OTEL_LOGS_EXPORTER'] = 'none';
  start({ instrumentations: [], spanProcessors: [collected.processor], flushOnExit: false });
  server = await httpServer((_request, response) => void response.end('hello'));
});

afterAll(() => server.close());

/** Makes a request under a span `call`, which ends when `until` says so. */
function call(phases: NetworkPhases, until: 'response' | 'end', options: RequestOptions = {}): Promise<void> {
  return trace.getTracer('test').startActiveSpan(
    'call',
    (span) =>
      new Promise<void>((resolve) => {
        const request = httpRequest({ host: 'localhost', port: server.port, agent: false, ...options });
        request.on('response', (response) => {
          if (until === 'response') span.end();
          response.on('end', () => {
            if (until === 'end') span.end();
            resolve();
          });
          response.resume();
        });
        traceNetwork(request, span, phases).end();
      }),
  );
}

test('phases nest under the wait for the connection', async () => {
  await call('nested', 'end', { lookup: lookupOf('::1', '127.0.0.1') });
  const spans = await collected.take(8);
  expect(tree(spans)).toBe(`call
  http.getconn
    http.dns
    http.connect !ECONNREFUSED
    http.connect
  http.headers
  http.send
  http.receive
`);
  const byId = new Map(spans.map((span) => [span.spanContext().spanId, span]));
  for (const span of spans) {
    const parent = byId.get(span.parentSpanContext?.spanId ?? '');
    if (!parent) continue;
    expect(elapsedMs(parent.startTime, span.startTime), span.name).toBeGreaterThanOrEqual(0);
    expect(elapsedMs(span.endTime, parent.endTime), span.name).toBeGreaterThanOrEqual(0);
  }
});

test('phases are events of the span, in order', async () => {
  await call('events', 'end');
  const [span] = await collected.take(1);
  expect(span?.events.map((event) => event.name)).toEqual([
    'http.getconn.start',
    'http.dns.start',
    'http.dns.done',
    'http.connect.start',
    'http.connect.done',
    'http.getconn.done',
    'http.headers.start',
    'http.headers.done',
    'http.send.start',
    'http.send.done',
    'http.receive.start',
    'http.receive.done',
  ]);
  const times = span?.events.map((event) => event.time) ?? [];
  const sorted = times.toSorted((a, b) => elapsedMs(b, a));
  expect(times).toEqual(sorted);
});

test('phases are left out', async () => {
  await call('off', 'end');
  const [span, ...others] = await collected.take(1);
  expect([span?.name, span?.events, others]).toEqual(['call', [], []]);
});

test('a phase under way ends with its parent', async () => {
  await call('spans', 'response');
  const spans = await collected.take(7);
  const [parent] = spans.filter((span) => span.name === 'call');
  const [receive] = spans.filter((span) => span.name === 'http.receive');
  expect(parent && receive && elapsedMs(receive.endTime, parent.endTime)).toBeGreaterThanOrEqual(0);
});
