import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { StartError } from '@throughline/model';
import type { JournalRange } from '@throughline/pipeline';
import { type Batch, checkLogs, checkTraces, logsFromJson, tracesFromJson } from '@throughline/wire';
import { expect, test } from 'vitest';
import { testEnv } from '../../testing.ts';
import { debug } from './debug.ts';

const traces = checkTraces(
  tracesFromJson(
    Buffer.from(`{"resourceSpans": [{
      "resource": {"attributes": [{"key": "service.name", "value": {"stringValue": "shop"}}]},
      "schemaUrl": "https://opentelemetry.io/schemas/1.25.0",
      "scopeSpans": [{
        "scope": {"name": "http", "version": "2"},
        "spans": [{
          "traceId": "fafdac970271dd2ce89de2442c0518c7", "spanId": "3875f436d989d0e5", "parentSpanId": "d98de4cb8e2a0ad6",
          "name": "GET /cart", "kind": 2, "traceState": "a=b",
          "startTimeUnixNano": "1744879484555461596", "endTimeUnixNano": "1744879484555584000",
          "status": {"code": 2, "message": "broken"},
          "attributes": [
            {"key": "i", "value": {"intValue": "5"}}, {"key": "d", "value": {"doubleValue": 2.5}},
            {"key": "b", "value": {"boolValue": true}}, {"key": "y", "value": {"bytesValue": "AQID"}},
            {"key": "l", "value": {"arrayValue": {"values": [{"stringValue": "x"}, {"intValue": 7}]}}},
            {"key": "m", "value": {"kvlistValue": {"values": [{"key": "k", "value": {"stringValue": "v"}}]}}},
            {"key": "e", "value": {}}],
          "events": [{"name": "thrown", "timeUnixNano": "1744879484000000000", "attributes": [{"key": "n", "value": {"intValue": 1}}]}],
          "links": [{"traceId": "00000000000000000000000000000001", "spanId": "0000000000000002"}]
        }]
      }]
    }]}`),
  ),
).batch;
const logs = checkLogs(
  logsFromJson(
    Buffer.from(`{"resourceLogs": [{"scopeLogs": [{"logRecords": [{
      "timeUnixNano": "1744879484000000001", "severityNumber": 10, "severityText": "INFO",
      "body": {"stringValue": "hello"}, "attributes": [{"key": "a", "value": {"stringValue": "b"}}],
      "traceId": "fafdac970271dd2ce89de2442c0518c7", "spanId": "3875f436d989d0e5", "flags": 1}]}]}]}`),
  ),
).batch;

function rangeOf(...batches: Batch[]): JournalRange {
  return {
    signal: batches[0]!.signal,
    batches: async function* () {
      yield* batches;
    },
  } as Partial<JournalRange> as JournalRange;
}

async function shown(config: object, ...batches: Batch[]): Promise<string> {
  const env = testEnv('debug', () => 0);
  const exporter = debug.create(debug.config.parse(config), env);
  await exporter.start();
  await exporter.deliver(rangeOf(...batches));
  await exporter.stop();
  return env.logged
    .map(({ event, fields }) => event + (Object.keys(fields).length ? ` ${JSON.stringify(fields)}` : ''))
    .join('\n');
}

test('shows a line for each batch', async () => {
  expect(await shown({}, traces)).toBe('Traces {"resource spans":1,"spans":1}');
  expect(await shown({}, logs)).toBe('Logs {"resource logs":1,"log records":1}');
});

test('shows a line for each item when told to', async () => {
  expect(await shown({ verbosity: 'normal' }, traces)).toMatchInlineSnapshot(`
    "Traces {"resource spans":1,"spans":1}
    ResourceTraces #0 [https://opentelemetry.io/schemas/1.25.0] service.name=shop
    ScopeTraces #0 http@2
    GET /cart fafdac970271dd2ce89de2442c0518c7 3875f436d989d0e5 i=5 d=2.5 b=true y=AQID l=["x",7] m={"k":"v"} e="
  `);
  expect(await shown({ verbosity: 'normal' }, logs)).toMatchInlineSnapshot(`
    "Logs {"resource logs":1,"log records":1}
    ResourceLog #0
    ScopeLog #0
    hello a=b"
  `);
});

test('shows everything when told to', async () => {
  expect(await shown({ verbosity: 'detailed' }, traces)).toMatchInlineSnapshot(`
    "Traces {"resource spans":1,"spans":1}
    ResourceSpans #0
    Resource SchemaURL: https://opentelemetry.io/schemas/1.25.0
    Resource attributes:
         -> service.name: Str(shop)
    ScopeSpans #0
    ScopeSpans SchemaURL: 
    InstrumentationScope http 2
    Span #0
        Trace ID       : fafdac970271dd2ce89de2442c0518c7
        Parent ID      : d98de4cb8e2a0ad6
        ID             : 3875f436d989d0e5
        Name           : GET /cart
        Kind           : Server
        TraceState     : a=b
        Start time     : 2025-04-17 08:44:44.555461596 +0000 UTC
        End time       : 2025-04-17 08:44:44.555584 +0000 UTC
        Status code    : Error
        Status message : broken
        DroppedAttributesCount: 0
        DroppedEventsCount: 0
        DroppedLinksCount: 0
    Attributes:
         -> i: Int(5)
         -> d: Double(2.5)
         -> b: Bool(true)
         -> y: Bytes(AQID)
         -> l: Slice(["x",7])
         -> m: Map({"k":"v"})
         -> e: Empty()
    Events:
    SpanEvent #0
         -> Name: thrown
         -> Timestamp: 2025-04-17 08:44:44 +0000 UTC
         -> DroppedAttributesCount: 0
         -> Attributes::
              -> n: Int(1)
    Links:
    SpanLink #0
         -> Trace ID: 00000000000000000000000000000001
         -> ID: 0000000000000002
         -> TraceState: 
         -> DroppedAttributesCount: 0"
  `);
  expect(await shown({ verbosity: 'detailed' }, logs)).toMatchInlineSnapshot(`
    "Logs {"resource logs":1,"log records":1}
    ResourceLog #0
    Resource SchemaURL: 
    ScopeLogs #0
    ScopeLogs SchemaURL: 
    InstrumentationScope  
    LogRecord #0
    ObservedTimestamp: 1970-01-01 00:00:00 +0000 UTC
    Timestamp: 2025-04-17 08:44:44.000000001 +0000 UTC
    SeverityText: INFO
    SeverityNumber: Info2(10)
    Body: Str(hello)
    Attributes:
         -> a: Str(b)
    Trace ID: fafdac970271dd2ce89de2442c0518c7
    Span ID: 3875f436d989d0e5
    Flags: 1"
  `);
});

test('shows the first batches of a second and then every so manieth', async () => {
  const config = { samplingInitial: 2, samplingThereafter: 3 };
  const batches = Array.from({ length: 9 }, () => traces);
  expect((await shown(config, ...batches)).split('\n')).toHaveLength(2 + 2);
  expect((await shown({ ...config, samplingThereafter: 0 }, ...batches)).split('\n')).toHaveLength(2);
  expect((await shown({}, ...batches)).split('\n')).toHaveLength(9);
});

test('writes to files when told to', async () => {
  const directory = mkdtempSync(join(tmpdir(), 'debug-'));
  try {
    const path = join(directory, 'out');
    expect(await shown({ useInternalLogger: false, outputPaths: [path], verbosity: 'normal' }, logs)).toBe(
      '',
    );
    expect(readFileSync(path, 'utf8')).toBe(
      'Logs\t{"resource logs":1,"log records":1}\nResourceLog #0\nScopeLog #0\nhello a=b\n',
    );
    const nowhere = shown({ useInternalLogger: false, outputPaths: [join(directory, 'a/b')] }, logs);
    await expect(nowhere).rejects.toThrow(StartError);
  } finally {
    rmSync(directory, { recursive: true });
  }
});

test('refuses files beside its own log', () => {
  expect(() => debug.config.parse({ outputPaths: ['x'] })).toThrow('needs use_internal_logger: false');
});
