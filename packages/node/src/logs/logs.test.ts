import { ROOT_CONTEXT, context, trace } from '@opentelemetry/api';
import { logs } from '@opentelemetry/api-logs';
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks';
import { hrTimeToMilliseconds } from '@opentelemetry/core';
import { InMemoryLogRecordExporter, LoggerProvider, SimpleLogRecordProcessor } from '@opentelemetry/sdk-logs';
import { beforeAll, beforeEach, expect, test } from 'vitest';
import { FineTimes } from './fine-times.ts';
import { otlpLogStream } from './otlp-log-stream.ts';
import { traceFields } from './trace-fields.ts';

const exporter = new InMemoryLogRecordExporter();
const span = { traceId: '0af7651916cd43dd8448eb211c80319c', spanId: 'b7ad6b7169203331', traceFlags: 1 };
const inSpan = <Result>(act: () => Result): Result =>
  context.with(trace.setSpanContext(ROOT_CONTEXT, span), act);

beforeAll(() => {
  context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
  logs.setGlobalLoggerProvider(
    new LoggerProvider({ processors: [new FineTimes(), new SimpleLogRecordProcessor({ exporter })] }),
  );
});
beforeEach(() => exporter.reset());

function written(line: object | string): object | undefined {
  inSpan(() => otlpLogStream().write(typeof line === 'string' ? line : `${JSON.stringify(line)}\n`));
  const [record] = exporter.getFinishedLogRecords();
  return (
    record && {
      body: record.body,
      severity: [record.severityNumber, record.severityText],
      attributes: record.attributes,
      span: record.spanContext,
    }
  );
}

test('a log line gets the ids of the span that it is written in', () => {
  expect(traceFields()).toEqual({});
  expect(inSpan(traceFields)).toEqual({ trace_id: span.traceId, span_id: span.spanId, trace_flags: '01' });
});

test("a line of pino's becomes a record of the span", () => {
  const line = {
    level: 40,
    time: Date.now(),
    pid: 1,
    hostname: 'h',
    ...inSpan(traceFields),
    name: 'shop',
    msg: 'low',
  };
  expect(written(line)).toEqual({
    body: 'low',
    severity: [13, 'WARN'],
    attributes: { name: 'shop' },
    span: expect.objectContaining(span),
  });
});

test('a line with names for its levels becomes a record', () => {
  expect(written({ level: 'error', message: 'broken', size: 3 })).toMatchObject({
    body: 'broken',
    severity: [17, 'ERROR'],
    attributes: { size: 3 },
  });
});

test('a line that is not JSON is the body', () => {
  expect(written('plain words\n')).toMatchObject({ body: 'plain words', attributes: {} });
  expect(exporter.getFinishedLogRecords()).toHaveLength(1);
});

test('an old line keeps its time', () => {
  written({ time: '2020-01-02T03:04:05.678Z', msg: 'old' });
  const [record] = exporter.getFinishedLogRecords();
  expect(record && hrTimeToMilliseconds(record.hrTime)).toBe(Date.parse('2020-01-02T03:04:05.678Z'));
});

test('a line of just now has its time to less than a millisecond', () => {
  const fractions = Array.from({ length: 5 }, () => {
    exporter.reset();
    written({ time: Date.now(), msg: 'now' });
    return (exporter.getFinishedLogRecords()[0]?.hrTime[1] ?? 0) % 1e6;
  });
  expect(fractions.some((nanos) => nanos !== 0)).toBe(true);
});
