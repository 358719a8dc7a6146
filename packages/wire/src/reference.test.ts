import { type LogRecord, type Span, unixNanos } from '@throughline/model';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { logRecords, runs, spans } from './arbitrary.test-kit.ts';
import {
  checkLogs,
  checkTraces,
  decodeLogs,
  decodeTraces,
  encodeLogs,
  encodeTraces,
  exportResponse,
  logsFromJson,
  logsToJson,
  readExportResponse,
  readRpcStatus,
  rpcStatus,
  tracesFromJson,
  tracesToJson,
} from './index.ts';
import { referenceDecode, referenceEncode, referenceJson } from './otlp.test-kit.ts';

const resource = {
  attributes: { 'service.name': 'shop', weight: 2 },
  schemaUrl: 'https://resource',
  droppedAttributes: 1,
};
const scope = {
  name: 'http',
  version: '1.2',
  attributes: { on: true },
  schemaUrl: 'https://scope',
  droppedAttributes: 2,
};

const span: Span = {
  traceId: parse('0123456789abcdef0123456789abcdef'),
  spanId: parse('00000000000000a1'),
  parentSpanId: parse('00000000000000a0'),
  traceState: 'a=b',
  flags: 0x101,
  name: 'GET /',
  kind: 'client',
  start: unixNanos(1_700_000_000_123_456_789n),
  duration: 5_000_001,
  status: 'error',
  statusMessage: 'no',
  attributes: { n: -1n, b: Uint8Array.of(0xff, 0), list: ['x', null], map: { k: 0.5 } },
  events: [{ time: unixNanos(7n), name: 'retry', attributes: { i: 2n ** 62n }, droppedAttributes: 3 }],
  links: [
    {
      traceId: parse('ffffffffffffffffffffffffffffffff'),
      spanId: parse('ffffffffffffffff'),
      traceState: 'c=d',
      attributes: { why: 'batch' },
      droppedAttributes: 4,
      flags: 2,
    },
  ],
  droppedAttributes: 5,
  droppedEvents: 6,
  droppedLinks: 7,
  resource,
  scope,
};

const record: LogRecord = {
  time: unixNanos(11n),
  observedTime: unixNanos(12n),
  traceId: span.traceId,
  spanId: span.spanId,
  flags: 1,
  severity: 17,
  severityText: 'ERROR',
  eventName: 'payment.refused',
  body: { text: 'no money' },
  attributes: { user: 'u1' },
  droppedAttributes: 9,
  resource,
  scope,
};

const group = {
  resource: {
    attributes: [
      { key: 'service.name', value: { stringValue: 'shop' } },
      { key: 'weight', value: { doubleValue: 2 } },
    ],
    droppedAttributesCount: 1,
  },
  schemaUrl: 'https://resource',
};
const scopeGroup = {
  scope: {
    name: 'http',
    version: '1.2',
    attributes: [{ key: 'on', value: { boolValue: true } }],
    droppedAttributesCount: 2,
  },
  schemaUrl: 'https://scope',
};

const spanJson = {
  traceId: '0123456789abcdef0123456789abcdef',
  spanId: '00000000000000a1',
  parentSpanId: '00000000000000a0',
  traceState: 'a=b',
  flags: 0x101,
  name: 'GET /',
  kind: 3,
  startTimeUnixNano: '1700000000123456789',
  endTimeUnixNano: '1700000000128456790',
  attributes: [
    { key: 'n', value: { intValue: '-1' } },
    { key: 'b', value: { bytesValue: '/wA=' } },
    { key: 'list', value: { arrayValue: { values: [{ stringValue: 'x' }, {}] } } },
    { key: 'map', value: { kvlistValue: { values: [{ key: 'k', value: { doubleValue: 0.5 } }] } } },
  ],
  droppedAttributesCount: 5,
  events: [
    {
      timeUnixNano: '7',
      name: 'retry',
      attributes: [{ key: 'i', value: { intValue: '4611686018427387904' } }],
      droppedAttributesCount: 3,
    },
  ],
  droppedEventsCount: 6,
  links: [
    {
      traceId: 'ffffffffffffffffffffffffffffffff',
      spanId: 'ffffffffffffffff',
      traceState: 'c=d',
      attributes: [{ key: 'why', value: { stringValue: 'batch' } }],
      droppedAttributesCount: 4,
      flags: 2,
    },
  ],
  droppedLinksCount: 7,
  status: { message: 'no', code: 2 },
};

const recordJson = {
  timeUnixNano: '11',
  observedTimeUnixNano: '12',
  severityNumber: 17,
  severityText: 'ERROR',
  eventName: 'payment.refused',
  body: { kvlistValue: { values: [{ key: 'text', value: { stringValue: 'no money' } }] } },
  attributes: [{ key: 'user', value: { stringValue: 'u1' } }],
  droppedAttributesCount: 9,
  flags: 1,
  traceId: '0123456789abcdef0123456789abcdef',
  spanId: '00000000000000a1',
};

const tracesJson = { resourceSpans: [{ ...group, scopeSpans: [{ ...scopeGroup, spans: [spanJson] }] }] };
const logsJson = { resourceLogs: [{ ...group, scopeLogs: [{ ...scopeGroup, logRecords: [recordJson] }] }] };

function parse<Id extends string>(id: string): Id {
  return id as Id;
}

describe('protobufjs agrees', () => {
  test('with every field of an encoded span', () => {
    expect(referenceJson('TracesData', encodeTraces([span]))).toEqual(tracesJson);
  });

  test('with every field of an encoded log record', () => {
    expect(referenceJson('LogsData', encodeLogs([record]))).toEqual(logsJson);
  });

  test('with the JSON of any spans', () => {
    fc.assert(
      fc.property(spans, (some) => {
        const bytes = encodeTraces(some);
        expect(JSON.parse(tracesToJson(bytes))).toEqual(referenceJson('TracesData', bytes));
      }),
      runs(200),
    );
  });

  test('with the JSON of any log records', () => {
    fc.assert(
      fc.property(logRecords, (some) => {
        const bytes = encodeLogs(some);
        expect(JSON.parse(logsToJson(bytes))).toEqual(referenceJson('LogsData', bytes));
      }),
      runs(200),
    );
  });

  test('about entity references, which only bytes and JSON carry', () => {
    const entityRefs = [{ schemaUrl: 's', type: 'host', idKeys: ['a', 'b'], descriptionKeys: ['c'] }];
    const json = { resourceSpans: [{ resource: { entityRefs } }] };
    const bytes = tracesFromJson(Buffer.from(JSON.stringify(json)));
    expect(referenceJson('TracesData', bytes)).toEqual(json);
    expect(JSON.parse(tracesToJson(bytes))).toEqual(json);
  });

  test('with export responses in both directions', () => {
    expect(exportResponse(0, undefined)).toHaveLength(0);
    const bytes = exportResponse(300, 'bad ids');
    expect(referenceDecode('ExportResponse', bytes)).toEqual({
      partialSuccess: { rejected: '300', errorMessage: 'bad ids' },
    });
    const theirs = referenceEncode('ExportResponse', { partialSuccess: { rejected: 2, errorMessage: 'no' } });
    expect(readExportResponse(theirs)).toEqual({ rejected: 2, message: 'no' });
    expect(readExportResponse(new Uint8Array())).toEqual({ rejected: 0, message: '' });
  });

  test('with error statuses in both directions', () => {
    const status = { code: 8, message: 'full', retryDelayMs: 61_500 };
    const decoded = referenceDecode('RpcStatus', rpcStatus(status));
    const [detail] = decoded['details'] as { typeUrl: string; value: Uint8Array }[];
    expect(decoded).toMatchObject({ code: 8, message: 'full' });
    expect(detail!.typeUrl).toBe('type.googleapis.com/google.rpc.RetryInfo');
    expect(referenceDecode('RetryInfo', detail!.value)).toEqual({
      retryDelay: { seconds: '61', nanos: 500_000_000 },
    });
    expect(readRpcStatus(referenceEncode('RpcStatus', decoded))).toEqual(status);
    expect(readRpcStatus(rpcStatus({ code: 3, message: 'bad' }))).toEqual({ code: 3, message: 'bad' });
  });
});

describe('what is encoded comes back', () => {
  test('as the same spans, through bytes and through JSON', () => {
    fc.assert(
      fc.property(spans, (some) => {
        const bytes = encodeTraces(some);
        expect(checkTraces(bytes)).toEqual({
          batch: { signal: 'traces', bytes, items: some.length },
          rejected: 0,
        });
        expect(decodeTraces(bytes)).toEqual(some);
        expect(decodeTraces(tracesFromJson(Buffer.from(tracesToJson(bytes))))).toEqual(some);
      }),
      runs(200),
    );
  });

  test('as the same log records, through bytes and through JSON', () => {
    fc.assert(
      fc.property(logRecords, (some) => {
        const bytes = encodeLogs(some);
        expect(checkLogs(bytes)).toEqual({
          batch: { signal: 'logs', bytes, items: some.length },
          rejected: 0,
        });
        expect(decodeLogs(bytes)).toEqual(some);
        expect(decodeLogs(logsFromJson(Buffer.from(logsToJson(bytes))))).toEqual(some);
      }),
      runs(200),
    );
  });

  test('with one resource and scope object for all spans of a group', () => {
    const [first, second] = decodeTraces(encodeTraces([span, { ...span, name: 'second' }]));
    expect(second!.resource).toBe(first!.resource);
    expect(second!.scope).toBe(first!.scope);
  });

  test('wherever the resource and the scope stand in their groups', () => {
    const ours = encodeTraces([span]);
    const [resourceSpans] = referenceDecode('TracesData', ours)['resourceSpans'] as Record<string, unknown>[];
    const { resource: described, ...rest } = resourceSpans!;
    const first = referenceEncode('ResourceSpans', rest);
    const last = referenceEncode('ResourceSpans', { resource: described });
    const group = Buffer.concat([first, last]);
    const bytes = Buffer.concat([
      referenceEncode('TracesData', {}),
      Buffer.from([0x0a, ...lengthOf(group)]),
      group,
    ]);
    expect(decodeTraces(bytes)).toEqual([span]);
  });
});

function lengthOf(bytes: Uint8Array): number[] {
  return [(bytes.length & 0x7f) | 0x80, bytes.length >> 7];
}
