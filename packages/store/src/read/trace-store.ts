import type {
  Attributes,
  AttributeValue,
  LogRecord,
  Nanos,
  Span,
  SpanId,
  SpanKind,
  TraceId,
  UnixNanos,
} from '@throughline/model';
import type { LogPage, LogQuery, LogServiceCount } from './logs/log-query.ts';
import type { Statistics, StatisticsQuery } from './statistics/statistics-query.ts';
import type {
  AttributeScope,
  AttributeType,
  SpanQuery,
  TracePage,
  TraceQuery,
  TraceSummary,
} from './trace-query.ts';

/**
 * All that is asked of the stored traces, one method per question. Rejects with EngineUnavailable while the engine
 * cannot be reached or is out of memory, and with EngineError otherwise; a question whose `abort` fires is ended in the
 * engine too.
 */
export interface TraceStore {
  counts(options?: ReadOptions): Promise<Counts>;
  /** Sorted by name. */
  services(range: TimeRange, options?: ReadOptions): Promise<ServiceCount[]>;
  /** Most frequent first; of all services unless one is named. */
  operations(query: OperationsQuery, options?: ReadOptions): Promise<OperationCount[]>;
  /** Most frequent first. */
  attributeKeys(query: KeysQuery, options?: ReadOptions): Promise<KeyCount[]>;
  /** Most frequent first, counted in a sample of the spans received last. */
  attributeValues(query: ValuesQuery, options?: ReadOptions): Promise<ValueCount[]>;
  search(query: TraceQuery, options?: ReadOptions): Promise<TracePage>;
  /**
   * The traces, at most `limit`, with matching spans that were received at or after `since` (seconds since 1970); those
   * received first come first. Time range, sort order and page of the query do not count.
   */
  arrivals(query: TraceQuery, since: Arrivals, options?: ReadOptions): Promise<Arrival[]>;
  /** Summaries of these traces, in this order, without those that are not stored. */
  summaries(ids: readonly TraceId[], query: SpanQuery, options?: ReadOptions): Promise<TraceSummary[]>;
  /** `logKey`s of the log records of these times. */
  knownLogs(times: readonly bigint[], options?: ReadOptions): Promise<Set<string>>;
  /** `spanKey`s of all spans of the traces. */
  knownSpans(ids: readonly TraceId[], options?: ReadOptions): Promise<Set<string>>;
  trace(id: TraceId, options?: ReadOptions): Promise<StoredTrace | undefined>;
  timeline(id: TraceId, options?: ReadOptions): Promise<TimelineColumns | undefined>;
  /** Where several spans have the id: the `nth` by start, from 1, the default. */
  span(
    traceId: TraceId,
    spanId: SpanId,
    options?: ReadOptions & { readonly nth?: number },
  ): Promise<StoredSpan | undefined>;
  /**
   * Ids of the trace's spans with `text` anywhere in names, services, attributes, events, messages or ids, whatever the
   * case; in the order of their starts. Undefined: there is no such trace.
   */
  find(id: TraceId, text: string, options?: ReadOptions): Promise<SpanId[] | undefined>;
  /** In the order of time; at most 10,000. */
  logs(id: TraceId, options?: ReadOptions): Promise<LogRecord[]>;
  /** Log records of all traces and of none, in the order of time. */
  searchLogs(query: LogQuery, options?: ReadOptions): Promise<LogPage>;
  /** Services with log records, sorted by name. */
  logServices(range: TimeRange, options?: ReadOptions): Promise<LogServiceCount[]>;
  serviceMap(query: MapQuery, options?: ReadOptions): Promise<ServiceMap>;
  red(query: RedQuery, options?: ReadOptions): Promise<RedSeries[]>;
  statistics(query: StatisticsQuery, options?: ReadOptions): Promise<Statistics>;
  /** Deletes everything. */
  purge(): Promise<void>;
}

export interface ReadOptions {
  readonly abort?: AbortSignal | undefined;
}

/** From `start` on and before `end`. */
export interface TimeRange {
  readonly start?: UnixNanos | undefined;
  readonly end?: UnixNanos | undefined;
}

export interface Counts {
  readonly spans: number;
  readonly logs: number;
}

export interface ServiceCount {
  readonly name: string;
  readonly spans: number;
  readonly errors: number;
}

export interface OperationsQuery extends TimeRange {
  readonly service?: string | undefined;
  readonly limit: number;
}

export interface OperationCount {
  readonly service: string;
  readonly name: string;
  readonly kind: SpanKind;
  readonly spans: number;
}

export interface KeysQuery {
  readonly scope?: AttributeScope | undefined;
  readonly service?: string | undefined;
  /** Anywhere in the key, whatever the case. */
  readonly contains?: string | undefined;
  readonly limit: number;
}

export interface KeyCount {
  readonly scope: AttributeScope;
  readonly key: string;
  readonly type: AttributeType;
  readonly count: number;
}

export interface ValuesQuery {
  readonly scope?: AttributeScope | undefined;
  readonly key: string;
  readonly service?: string | undefined;
  readonly contains?: string | undefined;
  readonly limit: number;
}

export interface ValueCount {
  readonly value: AttributeValue;
  readonly count: number;
}

export interface Arrivals {
  /** Seconds since 1970. */
  readonly since: number;
  readonly except: readonly TraceId[];
  readonly limit: number;
}

export interface Arrival {
  readonly traceId: TraceId;
  /** Seconds since 1970: when the first of the matching spans looked at was received. */
  readonly received: number;
}

/** A link as seen from one end; `service`, `operation` and `start` are of the span at the other end, where it is stored. */
export interface LinkEnd {
  readonly traceId: TraceId;
  readonly spanId: SpanId;
  readonly traceState: string;
  readonly attributes: Attributes;
  readonly droppedAttributes: number;
  readonly service?: string;
  readonly operation?: string;
  readonly start?: UnixNanos;
}

/** A link of another span to one of the trace asked for. */
export interface IncomingLink extends LinkEnd {
  readonly targetSpanId: SpanId;
}

export interface StoredSpan {
  readonly span: Span;
  /** What `span.links` names, with what is known of it; in the same order. */
  readonly links: readonly LinkEnd[];
  readonly linkedFrom: readonly IncomingLink[];
}

export interface StoredTrace {
  readonly summary: TraceSummary;
  /** In the order of their starts. */
  readonly spans: readonly Span[];
  /** Of each span: what its links name. */
  readonly links: readonly (readonly LinkEnd[])[];
  readonly linkedFrom: readonly IncomingLink[];
  readonly logs: readonly LogRecord[];
  readonly warnings: readonly TraceWarning[];
}

export interface TraceWarning {
  readonly kind:
    'missing_parent' | 'missing_root' | 'clock_skew' | 'still_arriving' | 'duplicate_span_id' | 'cycle';
  readonly message: string;
  /** The spans it is about; at most 100. */
  readonly spanIds: readonly SpanId[];
  readonly count: number;
}

/** A trace as columns: one entry per span, in the order of their starts. */
export interface TimelineColumns {
  readonly summary: TraceSummary;
  /** Start of the trace; `start` and `eventTime` count from here. */
  readonly origin: UnixNanos;
  /** What `name` and `eventName` index. */
  readonly names: readonly string[];
  readonly services: readonly string[];
  readonly spanIds: readonly SpanId[];
  /** Index of the parent; -1: it has none (or would be its own ancestor); -2: its parent is not stored. */
  readonly parent: Int32Array;
  readonly name: Uint32Array;
  readonly service: Uint32Array;
  readonly kind: Uint8Array;
  readonly status: Uint8Array;
  readonly start: Float64Array;
  readonly duration: Float64Array;
  /** Of each span: its events, its links, the links to it. */
  readonly events: Uint32Array;
  readonly links: Uint32Array;
  readonly linkedFrom: Uint32Array;
  /** Of each event, by span and then as received: index of its span, its time from `origin`, its name. */
  readonly eventSpan: Uint32Array;
  readonly eventTime: Float64Array;
  readonly eventName: Uint32Array;
  /** Index and parent's id of the spans whose parent is not stored. */
  readonly missing: readonly (readonly [number, SpanId])[];
  readonly logs: readonly LogRecord[];
  readonly warnings: readonly TraceWarning[];
}

export interface ServiceMap {
  /** Sorted by id. */
  readonly nodes: readonly MapNode[];
  readonly edges: readonly MapEdge[];
}

export interface MapNode {
  /** Of a service its name; of the others kind, colon, system where there is one, blank, name. */
  readonly id: string;
  readonly kind: 'service' | 'topic' | 'database' | 'external';
  readonly name: string;
  /** Of a topic or database: `kafka`, `postgresql`. */
  readonly system?: string;
  /** Of a service what it was asked, of a topic what was published to it, of the others what they were asked. */
  readonly calls: number;
  readonly errors: number;
  readonly p50: Nanos;
  readonly p95: Nanos;
}

export interface MapEdge {
  /** Ids of nodes. */
  readonly from: string;
  readonly to: string;
  /** Service to service, database or external; service to topic; topic to service; topic to topic. */
  readonly kind: 'call' | 'publish' | 'consume' | 'route';
  readonly calls: number;
  readonly errors: number;
  readonly p50: Nanos;
  readonly p95: Nanos;
  /** From the producer's end to the consumer's start, where both are known. */
  readonly lagP50?: Nanos;
  readonly lagP95?: Nanos;
}

export interface MapQuery extends TimeRange {
  /** Id of the node around which the map is drawn; without one, all of it. */
  readonly focus?: string | undefined;
}

export interface RedQuery {
  readonly start: UnixNanos;
  readonly end: UnixNanos;
  readonly service?: string | undefined;
  readonly operation?: string | undefined;
  /** One series per operation instead of per service. */
  readonly byOperation: boolean;
  /** Seconds between points: a multiple of 60. */
  readonly step: number;
  /** How many series at most; those with most calls stay. */
  readonly limit: number;
}

export interface RedSeries {
  readonly service: string;
  readonly operation?: string;
  /** One per step of the range. */
  readonly points: readonly RedPoint[];
}

export interface RedPoint {
  /** Start of the step, seconds since 1970. */
  readonly time: number;
  readonly calls: number;
  readonly errors: number;
  readonly p50: Nanos;
  readonly p95: Nanos;
  readonly p99: Nanos;
}
