import Long from 'long';
import protobuf from 'protobufjs';

// OTLP 1.x described a second time, for protobufjs, as the reference that the hand-written code is compared with.
// Source: opentelemetry-proto.

type Fields = Record<string, [number, string, 'repeated'?]>;

function type(fields: Fields, oneof?: string[]) {
  const entries = Object.entries(fields).map(([name, [id, fieldType, rule]]) => [
    name,
    { id, type: fieldType, ...(rule && { rule }) },
  ]);
  return {
    fields: Object.fromEntries(entries) as Record<string, protobuf.IField>,
    ...(oneof && { oneofs: { value: { oneof } } }),
  };
}

const description: Record<string, ReturnType<typeof type>> = {
  AnyValue: type(
    {
      stringValue: [1, 'string'],
      boolValue: [2, 'bool'],
      intValue: [3, 'int64'],
      doubleValue: [4, 'double'],
      arrayValue: [5, 'ArrayValue'],
      kvlistValue: [6, 'KeyValueList'],
      bytesValue: [7, 'bytes'],
    },
    ['stringValue', 'boolValue', 'intValue', 'doubleValue', 'arrayValue', 'kvlistValue', 'bytesValue'],
  ),
  ArrayValue: type({ values: [1, 'AnyValue', 'repeated'] }),
  KeyValueList: type({ values: [1, 'KeyValue', 'repeated'] }),
  KeyValue: type({ key: [1, 'string'], value: [2, 'AnyValue'] }),
  EntityRef: type({
    schemaUrl: [1, 'string'],
    type: [2, 'string'],
    idKeys: [3, 'string', 'repeated'],
    descriptionKeys: [4, 'string', 'repeated'],
  }),
  Resource: type({
    attributes: [1, 'KeyValue', 'repeated'],
    droppedAttributesCount: [2, 'uint32'],
    entityRefs: [3, 'EntityRef', 'repeated'],
  }),
  InstrumentationScope: type({
    name: [1, 'string'],
    version: [2, 'string'],
    attributes: [3, 'KeyValue', 'repeated'],
    droppedAttributesCount: [4, 'uint32'],
  }),
  Event: type({
    timeUnixNano: [1, 'fixed64'],
    name: [2, 'string'],
    attributes: [3, 'KeyValue', 'repeated'],
    droppedAttributesCount: [4, 'uint32'],
  }),
  Link: type({
    traceId: [1, 'bytes'],
    spanId: [2, 'bytes'],
    traceState: [3, 'string'],
    attributes: [4, 'KeyValue', 'repeated'],
    droppedAttributesCount: [5, 'uint32'],
    flags: [6, 'fixed32'],
  }),
  Status: type({ message: [2, 'string'], code: [3, 'int32'] }),
  Span: type({
    traceId: [1, 'bytes'],
    spanId: [2, 'bytes'],
    traceState: [3, 'string'],
    parentSpanId: [4, 'bytes'],
    name: [5, 'string'],
    kind: [6, 'int32'],
    startTimeUnixNano: [7, 'fixed64'],
    endTimeUnixNano: [8, 'fixed64'],
    attributes: [9, 'KeyValue', 'repeated'],
    droppedAttributesCount: [10, 'uint32'],
    events: [11, 'Event', 'repeated'],
    droppedEventsCount: [12, 'uint32'],
    links: [13, 'Link', 'repeated'],
    droppedLinksCount: [14, 'uint32'],
    status: [15, 'Status'],
    flags: [16, 'fixed32'],
  }),
  LogRecord: type({
    timeUnixNano: [1, 'fixed64'],
    severityNumber: [2, 'int32'],
    severityText: [3, 'string'],
    body: [5, 'AnyValue'],
    attributes: [6, 'KeyValue', 'repeated'],
    droppedAttributesCount: [7, 'uint32'],
    flags: [8, 'fixed32'],
    traceId: [9, 'bytes'],
    spanId: [10, 'bytes'],
    observedTimeUnixNano: [11, 'fixed64'],
    eventName: [12, 'string'],
  }),
  ScopeSpans: type({
    scope: [1, 'InstrumentationScope'],
    spans: [2, 'Span', 'repeated'],
    schemaUrl: [3, 'string'],
  }),
  ResourceSpans: type({
    resource: [1, 'Resource'],
    scopeSpans: [2, 'ScopeSpans', 'repeated'],
    schemaUrl: [3, 'string'],
  }),
  TracesData: type({ resourceSpans: [1, 'ResourceSpans', 'repeated'] }),
  ScopeLogs: type({
    scope: [1, 'InstrumentationScope'],
    logRecords: [2, 'LogRecord', 'repeated'],
    schemaUrl: [3, 'string'],
  }),
  ResourceLogs: type({
    resource: [1, 'Resource'],
    scopeLogs: [2, 'ScopeLogs', 'repeated'],
    schemaUrl: [3, 'string'],
  }),
  LogsData: type({ resourceLogs: [1, 'ResourceLogs', 'repeated'] }),
  PartialSuccess: type({ rejected: [1, 'int64'], errorMessage: [2, 'string'] }),
  ExportResponse: type({ partialSuccess: [1, 'PartialSuccess'] }),
  RpcStatus: type({ code: [1, 'int32'], message: [2, 'string'], details: [3, 'Any', 'repeated'] }),
  Any: type({ typeUrl: [1, 'string'], value: [2, 'bytes'] }),
  RetryInfo: type({ retryDelay: [1, 'Duration'] }),
  Duration: type({ seconds: [1, 'int64'], nanos: [2, 'int32'] }),
};

protobuf.util.Long = Long; // without it, 64-bit numbers are rounded
protobuf.configure();

const root = protobuf.Root.fromJSON({ nested: description });

/** The plain objects that protobufjs makes of `bytes`: 64-bit numbers as strings, bytes as Buffer. */
export function referenceDecode(typeName: string, bytes: Uint8Array): Record<string, unknown> {
  const message = root.lookupType(typeName);
  return message.toObject(message.decode(bytes), { longs: String, bytes: Buffer });
}

export function referenceEncode(typeName: string, object: Record<string, unknown>): Uint8Array {
  const message = root.lookupType(typeName);
  return message.encode(message.fromObject(object)).finish();
}

/** What protobufjs makes of `bytes`, as OTLP/JSON has it: ids in hex, other bytes in base64. */
export function referenceJson(typeName: string, bytes: Uint8Array): unknown {
  return jsonOf(referenceDecode(typeName, bytes), '');
}

function jsonOf(value: unknown, key: string): unknown {
  if (Buffer.isBuffer(value)) return value.toString(/(trace|span)Id$/i.test(key) ? 'hex' : 'base64');
  if (Array.isArray(value)) return value.map((element) => jsonOf(element, key));
  if (typeof value === 'number' && !Number.isFinite(value)) return String(value);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, jsonOf(inner, name)]));
}
