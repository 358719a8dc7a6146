/**
 * The schema, as the steps that lead to it; step n brings version n-1 to version n. A step that has shipped is never
 * changed. `{replica}`-less MergeTree throughout: `non_replicated_deduplication_window` makes a repeated insert with
 * the same token land once, and `fsync_after_insert` makes an answered insert survive the loss of power.
 *
 * Times are DateTime64(9) in UTC: OTLP's nanoseconds, unchanged. `minute` is minutes since 1970, `slot` tens of seconds. Tables are partitioned
 * by when rows were received, so that a sender's wrong clock makes no partitions and retention frees what came first.
 */
export const migrations: readonly (readonly string[])[] = [
  [
    `CREATE TABLE resources (
      id UInt64,
      received DateTime('UTC'),
      service LowCardinality(String),
      attributes_string Map(LowCardinality(String), String),
      attributes_int Map(LowCardinality(String), Int64),
      attributes_double Map(LowCardinality(String), Float64),
      attributes_bool Map(LowCardinality(String), Bool),
      attributes_other Map(LowCardinality(String), String) COMMENT 'AnyValue in protobuf form: bytes, arrays, maps',
      schema_url String,
      dropped_attributes UInt32
    ) ENGINE = ReplacingMergeTree ${partitioned()} ORDER BY id ${settings()}`,

    `CREATE TABLE scopes (
      id UInt64,
      received DateTime('UTC'),
      name String,
      version String,
      attributes_string Map(LowCardinality(String), String),
      attributes_int Map(LowCardinality(String), Int64),
      attributes_double Map(LowCardinality(String), Float64),
      attributes_bool Map(LowCardinality(String), Bool),
      attributes_other Map(LowCardinality(String), String),
      schema_url String,
      dropped_attributes UInt32
    ) ENGINE = ReplacingMergeTree ${partitioned()} ORDER BY id ${settings()}`,

    `CREATE TABLE spans (
      slot UInt32 COMMENT 'ten seconds since 1970' CODEC(ZSTD(1)),
      received DateTime('UTC') CODEC(ZSTD(1)),
      trace_id FixedString(16) CODEC(ZSTD(1)),
      span_id FixedString(8) CODEC(NONE),
      parent_span_id FixedString(8) COMMENT 'zero: none' CODEC(ZSTD(1)),
      start DateTime64(9, 'UTC') CODEC(Delta, ZSTD(1)),
      duration Int64 COMMENT 'nanoseconds' CODEC(ZSTD(1)),
      service LowCardinality(String) CODEC(ZSTD(1)),
      name LowCardinality(String) CODEC(ZSTD(1)),
      kind UInt8 COMMENT 'SpanKind of OTLP' CODEC(ZSTD(1)),
      status UInt8 COMMENT 'StatusCode of OTLP' CODEC(ZSTD(1)),
      status_message String CODEC(ZSTD(1)),
      trace_state String CODEC(ZSTD(1)),
      flags UInt32 CODEC(ZSTD(1)),
      resource_id UInt64 CODEC(ZSTD(1)),
      scope_id UInt64 CODEC(ZSTD(1)),
      attributes_string Map(LowCardinality(String), String) CODEC(ZSTD(1)),
      attributes_int Map(LowCardinality(String), Int64) CODEC(ZSTD(1)),
      attributes_double Map(LowCardinality(String), Float64) CODEC(ZSTD(1)),
      attributes_bool Map(LowCardinality(String), Bool) CODEC(ZSTD(1)),
      attributes_other Map(LowCardinality(String), String) COMMENT 'AnyValue in protobuf form: bytes, arrays, maps' CODEC(ZSTD(1)),
      event_names Array(LowCardinality(String)) CODEC(ZSTD(1)),
      events String COMMENT 'fields 11 of OTLP Span, as received' CODEC(ZSTD(1)),
      links String COMMENT 'fields 13 of OTLP Span, as received' CODEC(ZSTD(1)),
      dropped_attributes UInt32 CODEC(ZSTD(1)),
      dropped_events UInt32 CODEC(ZSTD(1)),
      dropped_links UInt32 CODEC(ZSTD(1)),
      INDEX strings mapValues(attributes_string) TYPE bloom_filter(0.02) GRANULARITY 1
    ) ENGINE = MergeTree ${partitioned()} ORDER BY (slot, trace_id) ${settings('merge_selector_base = 10')}`,

    `CREATE TABLE traces (
      trace_id FixedString(16) CODEC(ZSTD(1)),
      received SimpleAggregateFunction(max, DateTime('UTC')) CODEC(ZSTD(1)),
      start SimpleAggregateFunction(min, DateTime64(9, 'UTC')) CODEC(ZSTD(1)),
      end SimpleAggregateFunction(max, DateTime64(9, 'UTC')) CODEC(ZSTD(1)),
      root SimpleAggregateFunction(min, Tuple(orphan UInt8, start DateTime64(9, 'UTC'), service String, name String)) COMMENT 'the span without a parent, else (orphan = 1) the earliest' CODEC(ZSTD(1)),
      spans SimpleAggregateFunction(sum, UInt64) CODEC(ZSTD(1)),
      errors SimpleAggregateFunction(sum, UInt64) CODEC(ZSTD(1))
    ) ENGINE = AggregatingMergeTree ${partitioned()} ORDER BY trace_id ${settings('index_granularity = 512')}`,

    `CREATE TABLE links (
      linked_trace_id FixedString(16) CODEC(ZSTD(1)),
      linked_span_id FixedString(8) CODEC(ZSTD(1)),
      received DateTime('UTC') CODEC(ZSTD(1)),
      trace_id FixedString(16) CODEC(ZSTD(1)),
      span_id FixedString(8) CODEC(ZSTD(1)),
      start DateTime64(9, 'UTC') CODEC(ZSTD(1)),
      service LowCardinality(String) CODEC(ZSTD(1)),
      name LowCardinality(String) CODEC(ZSTD(1)),
      link String COMMENT 'OTLP Span.Link, as received' CODEC(ZSTD(1))
    ) ENGINE = MergeTree ${partitioned()} ORDER BY (linked_trace_id, linked_span_id) ${settings('index_granularity = 1024')}`,

    `CREATE TABLE red (
      minute UInt32,
      service LowCardinality(String),
      name LowCardinality(String),
      kind UInt8,
      received SimpleAggregateFunction(max, DateTime('UTC')),
      calls SimpleAggregateFunction(sum, UInt64),
      errors SimpleAggregateFunction(sum, UInt64),
      buckets SimpleAggregateFunction(sumMap, Tuple(Array(UInt16), Array(UInt64)))
        COMMENT 'durations: in buckets of duration-buckets.ts'
    ) ENGINE = AggregatingMergeTree ${partitioned()} ORDER BY (minute, service, name, kind) ${settings()}`,

    `CREATE TABLE edges (
      minute UInt32,
      caller LowCardinality(String),
      callee LowCardinality(String),
      received SimpleAggregateFunction(max, DateTime('UTC')),
      calls SimpleAggregateFunction(sum, UInt64),
      errors SimpleAggregateFunction(sum, UInt64),
      buckets SimpleAggregateFunction(sumMap, Tuple(Array(UInt16), Array(UInt64)))
    ) ENGINE = AggregatingMergeTree ${partitioned()} ORDER BY (minute, caller, callee) ${settings()}`,

    `CREATE TABLE attribute_keys (
      scope LowCardinality(String) COMMENT 'span, resource or log',
      service LowCardinality(String),
      key LowCardinality(String),
      type UInt8 COMMENT 'field number of OTLP AnyValue',
      received SimpleAggregateFunction(max, DateTime('UTC')),
      count SimpleAggregateFunction(sum, UInt64)
    ) ENGINE = AggregatingMergeTree ${partitioned()} ORDER BY (scope, key, service, type) ${settings()}`,

    `CREATE TABLE logs (
      minute UInt32 CODEC(ZSTD(1)),
      received DateTime('UTC') CODEC(ZSTD(1)),
      trace_id FixedString(16) COMMENT 'zero: none' CODEC(ZSTD(1)),
      span_id FixedString(8) CODEC(ZSTD(1)),
      time DateTime64(9, 'UTC') COMMENT 'where the sender gave none: the observed time' CODEC(Delta, ZSTD(1)),
      observed DateTime64(9, 'UTC') CODEC(Delta, ZSTD(1)),
      flags UInt32 CODEC(ZSTD(1)),
      service LowCardinality(String) CODEC(ZSTD(1)),
      severity UInt8 CODEC(ZSTD(1)),
      severity_text LowCardinality(String) CODEC(ZSTD(1)),
      event_name LowCardinality(String) CODEC(ZSTD(1)),
      body_text String COMMENT 'a body that is a string' CODEC(ZSTD(1)),
      body String COMMENT 'any other body: AnyValue in protobuf form' CODEC(ZSTD(1)),
      resource_id UInt64 CODEC(ZSTD(1)),
      scope_id UInt64 CODEC(ZSTD(1)),
      attributes_string Map(LowCardinality(String), String) CODEC(ZSTD(1)),
      attributes_int Map(LowCardinality(String), Int64) CODEC(ZSTD(1)),
      attributes_double Map(LowCardinality(String), Float64) CODEC(ZSTD(1)),
      attributes_bool Map(LowCardinality(String), Bool) CODEC(ZSTD(1)),
      attributes_other Map(LowCardinality(String), String) CODEC(ZSTD(1)),
      dropped_attributes UInt32 CODEC(ZSTD(1)),
      time_given UInt8 COMMENT '0: the sender gave no time' CODEC(ZSTD(1)),
      INDEX trace trace_id TYPE bloom_filter(0.001) GRANULARITY 1
    ) ENGINE = MergeTree ${partitioned()} ORDER BY (minute, trace_id, time) ${settings()}`,
  ],
  [
    `ALTER TABLE edges
      ADD COLUMN IF NOT EXISTS kind UInt8 COMMENT 'what caller and callee are: edge-kinds.ts' AFTER callee,
      ADD COLUMN IF NOT EXISTS lags SimpleAggregateFunction(sumMap, Tuple(Array(UInt16), Array(UInt64)))
        COMMENT 'how long messages waited' AFTER buckets,
      MODIFY ORDER BY (minute, caller, callee, kind)`,
  ],
];

/** What one partition holds: rows received in so many seconds. */
export const partitionSeconds = 6 * 3600;

/** All tables with rows that age, for retention and purge. */
export const tables = [
  'spans',
  'traces',
  'links',
  'red',
  'edges',
  'attribute_keys',
  'logs',
  'resources',
  'scopes',
];

function partitioned(): string {
  return `PARTITION BY toStartOfInterval(received, INTERVAL 6 HOUR)`;
}

function settings(...more: string[]): string {
  return `SETTINGS ${['non_replicated_deduplication_window = 10000', 'fsync_after_insert = 1', ...more].join(', ')}`;
}
