import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { gunzipSync } from 'node:zlib';
import { context, SpanKind, SpanStatusCode, trace } from '@opentelemetry/api';
import { OTLPLogExporter } from '@opentelemetry/exporter-logs-otlp-http';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http';
import { ZipkinExporter } from '@opentelemetry/exporter-zipkin';
import { resourceFromAttributes } from '@opentelemetry/resources';
import { LoggerProvider, SimpleLogRecordProcessor } from '@opentelemetry/sdk-logs';
import { BatchSpanProcessor, TracerProvider, type SpanExporter } from '@opentelemetry/sdk-trace';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { Throughline } from './support/throughline.ts';

// Files as other tools write them: what their exporters send is what is in such a file.

let program: Throughline;
let server: Server;
let url: string;
/** Bodies of the requests that came, in their order. */
let received: string[] = [];

beforeAll(async () => {
  server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const body = Buffer.concat(chunks);
      received.push((body[0] === 0x1f ? gunzipSync(body) : body).toString());
      response.writeHead(200, { 'content-type': 'application/json' }).end('{}');
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  program = await Throughline.start();
});
afterAll(async () => {
  server?.close();
  await program?.stop();
});

const resource = resourceFromAttributes({ 'service.name': 'js-shop', 'host.name': 'box' });

/** A trace of two spans, sent by the exporter; its id. */
async function send(exporter: SpanExporter): Promise<string> {
  received = [];
  const provider = new TracerProvider({ resource, spanProcessors: [new BatchSpanProcessor({ exporter })] });
  const tracer = provider.getTracer('e2e', '1.2.3');
  const root = tracer.startSpan('GET /cart', {
    kind: SpanKind.SERVER,
    attributes: { 'http.route': '/cart', items: 3 },
  });
  const child = tracer.startSpan('charge', { kind: SpanKind.CLIENT }, trace.setSpan(context.active(), root));
  child.addEvent('retry', { count: 2 });
  child.setStatus({ code: SpanStatusCode.ERROR, message: 'no money' });
  child.end();
  root.end();
  await provider.forceFlush();
  await provider.shutdown();
  return root.spanContext().traceId;
}

interface Answer {
  readonly spans: number;
  readonly logs: number;
  readonly formats: string[];
  readonly problems: object[];
}
async function importFile(content: string): Promise<Answer> {
  const response = await fetch(`${program.url('UI and API')}/throughline/v1/import`, {
    method: 'POST',
    headers: { 'content-type': 'application/octet-stream' },
    body: content,
  });
  expect(response.status).toBe(200);
  return (await response.json()) as Answer;
}

async function stored(traceId: string) {
  const answer = await fetch(`${program.url('UI and API')}/throughline/v1/traces/${traceId}`);
  const found = (await answer.json()) as { spans: Record<string, unknown>[]; logs: { body: unknown }[] };
  // Both may have begun in the same millisecond.
  const isChild = (span: Record<string, unknown>) => Number('parent_span_id' in span);
  return { ...found, spans: found.spans.toSorted((a, b) => isChild(a) - isChild(b)) };
}

test("a file of what OpenTelemetry's exporter for Zipkin writes is imported", async () => {
  const traceId = await send(new ZipkinExporter({ url }));
  expect(await importFile(received[0]!)).toMatchObject({ formats: ['zipkin'], spans: 2, problems: [] });
  const { spans } = await stored(traceId);
  expect(spans).toMatchObject([
    { name: 'GET /cart', kind: 'server', service: 'js-shop', status: 'unset' },
    { name: 'charge', kind: 'client', service: 'js-shop', status: 'error', status_message: 'no money' },
  ]);
  expect(spans[1]!['parent_span_id']).toBe(spans[0]!['span_id']);
  expect(spans[1]!['events']).toMatchObject([{ name: 'retry' }]);
  expect(spans[0]!['attributes']).toContainEqual({ key: 'http.route', type: 'string', value: '/cart' });
});

test("a file of lines as the Collector's file exporter writes them, traces and logs mixed, is imported", async () => {
  const traceId = await send(new OTLPTraceExporter({ url }));
  const [traces] = received;
  received = [];
  const logs = new LoggerProvider({
    resource,
    processors: [new SimpleLogRecordProcessor({ exporter: new OTLPLogExporter({ url }) })],
  });
  const span = trace.wrapSpanContext({ traceId, spanId: 'a'.repeat(16), traceFlags: 1 });
  logs
    .getLogger('e2e')
    .emit({ body: 'card refused', severityNumber: 17, context: trace.setSpan(context.active(), span) });
  await logs.forceFlush();
  await logs.shutdown();
  const file = `${traces}\n${received[0]}\n`;
  expect(await importFile(file)).toMatchObject({ formats: ['otlp'], spans: 2, logs: 1, problems: [] });
  const found = await stored(traceId);
  expect(found.spans.map(({ name }) => name)).toEqual(['GET /cart', 'charge']);
  expect(found.spans[1]!['events']).toMatchObject([
    { name: 'retry', attributes: [{ key: 'count', value: 2 }] },
  ]);
  expect(found.logs).toMatchObject([{ body: 'card refused' }]);
});

test('what is imported survives that the program is killed right after its answer', async () => {
  const doomed = await Throughline.start();
  let again: Throughline | undefined;
  try {
    const response = await fetch(`${doomed.url('UI and API')}/throughline/v1/import`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify([{ traceId: 'c0de', id: '1', name: 'kept', timestamp: 1_500_000_000_000_000 }]),
    });
    expect(response.status).toBe(200);
    await doomed.kill();
    again = await Throughline.start({ dataDirectory: doomed.dataDirectory });
    const path = `/throughline/v1/traces/${'c0de'.padStart(32, '0')}`;
    const answer = await fetch(again.url('UI and API') + path);
    expect(((await answer.json()) as { spans: object[] }).spans).toMatchObject([{ name: 'kept' }]);
  } finally {
    await again?.stop();
    doomed.remove();
  }
});
