import { ROOT_CONTEXT, SpanKind, SpanStatusCode, trace } from '@opentelemetry/api';
import { OTLPLogExporter as GrpcLogs } from '@opentelemetry/exporter-logs-otlp-grpc';
import { OTLPLogExporter as JsonLogs } from '@opentelemetry/exporter-logs-otlp-http';
import { OTLPLogExporter as ProtoLogs } from '@opentelemetry/exporter-logs-otlp-proto';
import { OTLPTraceExporter as GrpcTraces } from '@opentelemetry/exporter-trace-otlp-grpc';
import { OTLPTraceExporter as JsonTraces } from '@opentelemetry/exporter-trace-otlp-http';
import { OTLPTraceExporter as ProtoTraces } from '@opentelemetry/exporter-trace-otlp-proto';
import { resourceFromAttributes } from '@opentelemetry/resources';
import { BatchLogRecordProcessor, LoggerProvider, type LogRecordExporter } from '@opentelemetry/sdk-logs';
import { BatchSpanProcessor, type SpanExporter, TracerProvider } from '@opentelemetry/sdk-trace';
import { Overloaded } from '@throughline/model';
import { expect, test } from 'vitest';
import { type Receiver, receiver } from './otlp-clients/receiver.ts';

type Compression = NonNullable<NonNullable<ConstructorParameters<typeof ProtoTraces>[0]>['compression']>;
type Make = (it: Receiver, compression: Compression) => [SpanExporter, LogRecordExporter];

const exporters: Record<string, Make> = {
  'HTTP with protobuf': (it, compression) => [
    new ProtoTraces({ url: `${it.http}/v1/traces`, compression }),
    new ProtoLogs({ url: `${it.http}/v1/logs`, compression }),
  ],
  'HTTP with JSON': (it, compression) => [
    new JsonTraces({ url: `${it.http}/v1/traces`, compression }),
    new JsonLogs({ url: `${it.http}/v1/logs`, compression }),
  ],
  gRPC: (it, compression) => [
    new GrpcTraces({ url: `http://${it.grpc}`, compression }),
    new GrpcLogs({ url: `http://${it.grpc}`, compression }),
  ],
};

const cases = Object.keys(exporters).flatMap((name) => ['none', 'gzip'].map((each) => [name, each] as const));

test.each(cases)('the OpenTelemetry SDK sends by %s, compression %s', async (name, compression) => {
  const it = await receiver();
  const traceId = await send(...exporters[name]!(it, compression as Compression));
  const spans = it.spans();
  expect(spans).toHaveLength(51);
  expect(spans.find((span) => span.name === 'GET /cart')).toMatchObject({ traceId, kind: 'server' });
  expect(spans.find((span) => span.name === 'step 7')).toMatchObject({
    traceId,
    status: 'error',
    statusMessage: 'broken',
    attributes: { i: 7n, f: 0.5, b: true, s: ['größer', 'b'] },
    events: [{ name: 'tick' }],
    links: [{ traceId }],
    resource: { attributes: { 'service.name': 'js-shop' } },
    scope: { name: 'e2e', version: '1.2.3' },
  });
  expect(it.records()).toMatchObject([{ body: 'hello', severity: 9, traceId, attributes: { a: 'b' } }]);
  expect(it.env.logged).toEqual([]);
});

test('the OpenTelemetry SDK comes back when it is told to', async () => {
  const it = await receiver();
  let refusals = 1;
  it.traces.before = () => {
    if (refusals-- > 0) throw new Overloaded('the journal is full', 20);
  };
  await send(...exporters['HTTP with protobuf']!(it, 'none' as Compression));
  expect(it.spans()).toHaveLength(51);
  expect(it.env.count('otelcol_receiver_refused_spans')).toBe(51);
});

/** A trace of 51 spans and a log record; returns the trace's id. */
async function send(spanExporter: SpanExporter, logExporter: LogRecordExporter): Promise<string> {
  const resource = resourceFromAttributes({ 'service.name': 'js-shop' });
  const spans = new TracerProvider({
    resource,
    spanProcessors: [new BatchSpanProcessor({ exporter: spanExporter })],
  });
  const logs = new LoggerProvider({
    resource,
    processors: [new BatchLogRecordProcessor({ exporter: logExporter })],
  });
  const tracer = spans.getTracer('e2e', '1.2.3');
  const root = tracer.startSpan('GET /cart', { kind: SpanKind.SERVER });
  const context = trace.setSpan(ROOT_CONTEXT, root);
  for (let i = 0; i < 50; i++) {
    const links = [{ context: root.spanContext() }];
    const child = tracer.startSpan(`step ${i}`, { links }, context);
    child.setAttributes({ i, f: 0.5, b: true, s: ['größer', 'b'] }).addEvent('tick');
    child.setStatus({ code: SpanStatusCode.ERROR, message: 'broken' }).end();
  }
  root.end();
  logs.getLogger('e2e').emit({ body: 'hello', severityNumber: 9, attributes: { a: 'b' }, context });
  await Promise.all([spans.shutdown(), logs.shutdown()]);
  return root.spanContext().traceId;
}
