import { type Context, ROOT_CONTEXT, SpanKind, SpanStatusCode, trace } from '@opentelemetry/api';
import { SeverityNumber } from '@opentelemetry/api-logs';
import {
  JsonLogsSerializer,
  JsonTraceSerializer,
  ProtobufLogsSerializer,
  ProtobufTraceSerializer,
} from '@opentelemetry/otlp-transformer';
import { resourceFromAttributes } from '@opentelemetry/resources';
import * as logs from '@opentelemetry/sdk-logs';
import * as traces from '@opentelemetry/sdk-trace';
import { expect, test } from 'vitest';
import {
  checkLogs,
  checkTraces,
  decodeLogs,
  decodeTraces,
  exportResponse,
  exportResponseJson,
  logsFromJson,
  tracesFromJson,
} from './index.ts';

// What the official OpenTelemetry SDK for JavaScript sends is understood, and it understands our answers.

const resource = resourceFromAttributes({ 'service.name': 'shop' });

function recordSpans() {
  const exporter = new traces.InMemorySpanExporter();
  const provider = new traces.TracerProvider({
    resource,
    spanProcessors: [new traces.SimpleSpanProcessor({ exporter })],
  });
  const tracer = provider.getTracer('http', '1.2');
  const parent = tracer.startSpan('GET /', {
    kind: SpanKind.SERVER,
    startTime: [1_700_000_000, 123_456_789],
  });
  const inside: Context = trace.setSpan(ROOT_CONTEXT, parent);
  const child = tracer.startSpan(
    'größer',
    {
      startTime: [1_700_000_000, 200_000_000],
      attributes: { n: 5, big: -(2 ** 40), half: 0.5, yes: true, list: ['a', 'b'] },
      links: [{ context: parent.spanContext(), attributes: { why: 'batch' } }],
    },
    inside,
  );
  child.addEvent('retry', { attempt: 2 }, [1_700_000_000, 300_000_000]);
  child.setStatus({ code: SpanStatusCode.ERROR, message: 'no' });
  child.end([1_700_000_000, 400_000_001]);
  parent.end([1_700_000_001, 0]);
  return { parent: parent.spanContext(), child: child.spanContext(), spans: exporter.getFinishedSpans() };
}

test('the spans of its protobuf exporter and of its JSON exporter are the same', () => {
  const { parent, child, spans } = recordSpans();
  const bytes = ProtobufTraceSerializer.serializeRequest(spans)!;
  const json = JsonTraceSerializer.serializeRequest(spans)!;
  expect(checkTraces(bytes)).toMatchObject({ rejected: 0, batch: { items: 2 } });
  const decoded = decodeTraces(bytes);
  expect(decodeTraces(tracesFromJson(json))).toEqual(decoded);
  expect(decoded.find(({ name }) => name === 'größer')).toMatchObject({
    traceId: child.traceId,
    spanId: child.spanId,
    parentSpanId: parent.spanId,
    kind: 'internal',
    start: 1_700_000_000_200_000_000n,
    duration: 200_000_001,
    status: 'error',
    statusMessage: 'no',
    attributes: { n: 5n, big: -(2n ** 40n), half: 0.5, yes: true, list: ['a', 'b'] },
    events: [{ name: 'retry', time: 1_700_000_000_300_000_000n, attributes: { attempt: 2n } }],
    links: [{ spanId: parent.spanId, attributes: { why: 'batch' } }],
    resource: { attributes: { 'service.name': 'shop' } },
    scope: { name: 'http', version: '1.2' },
  });
});

function recordLogs() {
  const exporter = new logs.InMemoryLogRecordExporter();
  const provider = new logs.LoggerProvider({
    resource,
    processors: [new logs.SimpleLogRecordProcessor({ exporter })],
  });
  const { child } = recordSpans();
  provider.getLogger('payments').emit({
    eventName: 'refused',
    severityNumber: SeverityNumber.ERROR,
    severityText: 'error',
    body: { text: 'no money', tries: 3 },
    attributes: { user: 'u1', nested: { deep: [1, null, 'x'] } },
    timestamp: [1_700_000_000, 5],
    context: trace.setSpanContext(ROOT_CONTEXT, child),
  });
  return { child, records: exporter.getFinishedLogRecords() };
}

test('the log records of its protobuf exporter and of its JSON exporter are the same', () => {
  const { child, records } = recordLogs();
  const bytes = ProtobufLogsSerializer.serializeRequest(records)!;
  const json = JsonLogsSerializer.serializeRequest(records)!;
  expect(checkLogs(bytes)).toMatchObject({ rejected: 0, batch: { items: 1 } });
  const decoded = decodeLogs(bytes);
  expect(decodeLogs(logsFromJson(json))).toEqual(decoded);
  expect(decoded[0]).toMatchObject({
    time: 1_700_000_000_000_000_005n,
    traceId: child.traceId,
    spanId: child.spanId,
    severity: 17,
    severityText: 'error',
    eventName: 'refused',
    body: { text: 'no money', tries: 3n },
    attributes: { user: 'u1', nested: { deep: [1n, null, 'x'] } },
    resource: { attributes: { 'service.name': 'shop' } },
  });
});

test('a partial success reaches the sender in protobuf and in JSON', () => {
  const json = (signal: 'traces' | 'logs') => Buffer.from(exportResponseJson(signal, 2, 'bad ids'));
  const bytes = exportResponse(2, 'bad ids');
  const rejectedSpans = { partialSuccess: { rejectedSpans: 2, errorMessage: 'bad ids' } };
  const rejectedRecords = { partialSuccess: { rejectedLogRecords: 2, errorMessage: 'bad ids' } };
  expect(numbers(ProtobufTraceSerializer.deserializeResponse(bytes))).toEqual(rejectedSpans);
  expect(numbers(ProtobufLogsSerializer.deserializeResponse(bytes))).toEqual(rejectedRecords);
  expect(numbers(JsonTraceSerializer.deserializeResponse(json('traces')))).toEqual(rejectedSpans);
  expect(numbers(JsonLogsSerializer.deserializeResponse(json('logs')))).toEqual(rejectedRecords);
});

/** The response as plain JSON with its 64-bit count as a number. */
function numbers(response: unknown): unknown {
  return JSON.parse(JSON.stringify(response), (key: string, value: unknown) =>
    key.startsWith('rejected') ? Number(value) : value,
  );
}
