/** How a field's value is written. An `id` is a bytes field that OTLP/JSON writes as hex instead of base64. */
export type FieldType =
  | 'string'
  | 'bytes'
  | 'id'
  | 'bool'
  | 'int64'
  | 'uint32'
  | 'enum'
  | 'fixed32'
  | 'fixed64'
  | 'double'
  | Message;

export interface Field {
  readonly number: number;
  /** As in the .proto file: `start_time_unix_nano`. */
  readonly name: string;
  /** As in OTLP/JSON: `startTimeUnixNano`. */
  readonly jsonName: string;
  readonly type: FieldType;
  readonly repeated: boolean;
  /** For an enum: its names by number. */
  readonly names?: readonly string[];
}

export interface Message {
  readonly name: string;
  readonly fields: Field[];
}

const wireTypes = { varint: 0, fixed64: 1, bytes: 2, fixed32: 5 } as const;

const scalarWireTypes: Record<Exclude<FieldType, Message>, number> = {
  string: wireTypes.bytes,
  bytes: wireTypes.bytes,
  id: wireTypes.bytes,
  bool: wireTypes.varint,
  int64: wireTypes.varint,
  uint32: wireTypes.varint,
  enum: wireTypes.varint,
  fixed32: wireTypes.fixed32,
  fixed64: wireTypes.fixed64,
  double: wireTypes.fixed64,
};

/** The wire type that `type` is written with. */
export function wireTypeOf(type: FieldType): number {
  return typeof type === 'object' ? wireTypes.bytes : scalarWireTypes[type];
}

/** How deep values may be nested in values: `[[1]]` is three deep. */
export const maxValueDepth = 64;

function field(number: number, name: string, type: FieldType, names?: readonly string[]): Field {
  const jsonName = name.replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase());
  return { number, name, jsonName, type, repeated: false, ...(names && { names }) };
}

function many(number: number, name: string, type: FieldType): Field {
  return { ...field(number, name, type), repeated: true };
}

function message(name: string, ...fields: Field[]): Message {
  return { name, fields };
}

const kindNames = ['UNSPECIFIED', 'INTERNAL', 'SERVER', 'CLIENT', 'PRODUCER', 'CONSUMER'];
const codeNames = ['UNSET', 'OK', 'ERROR'];
const severityNames = ['TRACE', 'DEBUG', 'INFO', 'WARN', 'ERROR', 'FATAL'];

// The messages of OTLP 1.x. Source: opentelemetry-proto, common/v1, resource/v1, trace/v1 and logs/v1.

export const anyValue = message('AnyValue');
export const keyValue = message('KeyValue', field(1, 'key', 'string'), field(2, 'value', anyValue));
const arrayValue = message('ArrayValue', many(1, 'values', anyValue));
const keyValueList = message('KeyValueList', many(1, 'values', keyValue));
anyValue.fields.push(
  field(1, 'string_value', 'string'),
  field(2, 'bool_value', 'bool'),
  field(3, 'int_value', 'int64'),
  field(4, 'double_value', 'double'),
  field(5, 'array_value', arrayValue),
  field(6, 'kvlist_value', keyValueList),
  field(7, 'bytes_value', 'bytes'),
);

const entityRef = message(
  'EntityRef',
  field(1, 'schema_url', 'string'),
  field(2, 'type', 'string'),
  many(3, 'id_keys', 'string'),
  many(4, 'description_keys', 'string'),
);

export const resource = message(
  'Resource',
  many(1, 'attributes', keyValue),
  field(2, 'dropped_attributes_count', 'uint32'),
  many(3, 'entity_refs', entityRef),
);

export const instrumentationScope = message(
  'InstrumentationScope',
  field(1, 'name', 'string'),
  field(2, 'version', 'string'),
  many(3, 'attributes', keyValue),
  field(4, 'dropped_attributes_count', 'uint32'),
);

const spanEvent = message(
  'Event',
  field(1, 'time_unix_nano', 'fixed64'),
  field(2, 'name', 'string'),
  many(3, 'attributes', keyValue),
  field(4, 'dropped_attributes_count', 'uint32'),
);

export const spanLink = message(
  'Link',
  field(1, 'trace_id', 'id'),
  field(2, 'span_id', 'id'),
  field(3, 'trace_state', 'string'),
  many(4, 'attributes', keyValue),
  field(5, 'dropped_attributes_count', 'uint32'),
  field(6, 'flags', 'fixed32'),
);

const status = message(
  'Status',
  field(2, 'message', 'string'),
  field(
    3,
    'code',
    'enum',
    codeNames.map((name) => `STATUS_CODE_${name}`),
  ),
);

export const span = message(
  'Span',
  field(1, 'trace_id', 'id'),
  field(2, 'span_id', 'id'),
  field(3, 'trace_state', 'string'),
  field(4, 'parent_span_id', 'id'),
  field(
    6,
    'kind',
    'enum',
    kindNames.map((name) => `SPAN_KIND_${name}`),
  ),
  field(5, 'name', 'string'),
  field(7, 'start_time_unix_nano', 'fixed64'),
  field(8, 'end_time_unix_nano', 'fixed64'),
  many(9, 'attributes', keyValue),
  field(10, 'dropped_attributes_count', 'uint32'),
  many(11, 'events', spanEvent),
  field(12, 'dropped_events_count', 'uint32'),
  many(13, 'links', spanLink),
  field(14, 'dropped_links_count', 'uint32'),
  field(15, 'status', status),
  field(16, 'flags', 'fixed32'),
);

export const logRecord = message(
  'LogRecord',
  field(1, 'time_unix_nano', 'fixed64'),
  field(2, 'severity_number', 'enum', [
    'SEVERITY_NUMBER_UNSPECIFIED',
    ...severityNames.flatMap((name) => ['', 2, 3, 4].map((nth) => `SEVERITY_NUMBER_${name}${nth}`)),
  ]),
  field(3, 'severity_text', 'string'),
  field(5, 'body', anyValue),
  many(6, 'attributes', keyValue),
  field(7, 'dropped_attributes_count', 'uint32'),
  field(8, 'flags', 'fixed32'),
  field(9, 'trace_id', 'id'),
  field(10, 'span_id', 'id'),
  field(11, 'observed_time_unix_nano', 'fixed64'),
  field(12, 'event_name', 'string'),
);

export const scopeSpans = message(
  'ScopeSpans',
  field(1, 'scope', instrumentationScope),
  many(2, 'spans', span),
  field(3, 'schema_url', 'string'),
);

export const resourceSpans = message(
  'ResourceSpans',
  field(1, 'resource', resource),
  many(2, 'scope_spans', scopeSpans),
  field(3, 'schema_url', 'string'),
);

export const tracesData = message('TracesData', many(1, 'resource_spans', resourceSpans));

export const scopeLogs = message(
  'ScopeLogs',
  field(1, 'scope', instrumentationScope),
  many(2, 'log_records', logRecord),
  field(3, 'schema_url', 'string'),
);

export const resourceLogs = message(
  'ResourceLogs',
  field(1, 'resource', resource),
  many(2, 'scope_logs', scopeLogs),
  field(3, 'schema_url', 'string'),
);

export const logsData = message('LogsData', many(1, 'resource_logs', resourceLogs));
