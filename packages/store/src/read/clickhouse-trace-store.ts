import type { SpanId, TraceId } from '@throughline/model';
import type { Engine } from '../engine/engine.ts';
import { arrivals } from './search/arrivals.ts';
import { attributeKeys } from './attribute-keys.ts';
import { attributeValues } from './attribute-values.ts';
import { counts, operations, services } from './catalog.ts';
import { findInTrace } from './trace/find-in-trace.ts';
import { knownLogs } from './logs/known-logs.ts';
import { knownSpans } from './trace/known-spans.ts';
import type { LogQuery } from './logs/log-query.ts';
import { logsOfTrace } from './logs/log-records.ts';
import { searchLogs } from './logs/log-search.ts';
import { logServices } from './logs/log-services.ts';
import { purge } from './purge.ts';
import { redSeries } from './statistics/red-series.ts';
import { searchTraces, summariesOf } from './search/search.ts';
import { serviceMap } from './map/service-map.ts';
import { spanDetails } from './trace/span-details.ts';
import type { StatisticsQuery } from './statistics/statistics-query.ts';
import { statistics } from './statistics/statistics.ts';
import { timeline } from './trace/timeline.ts';
import type { SpanQuery, TraceQuery } from './trace-query.ts';
import type {
  Arrivals,
  KeysQuery,
  MapQuery,
  OperationsQuery,
  ReadOptions,
  RedQuery,
  TimeRange,
  TraceStore,
  ValuesQuery,
} from './trace-store.ts';
import { wholeTrace } from './trace/whole-trace.ts';

/** The questions asked of ClickHouse. */
export class ClickHouseTraceStore implements TraceStore {
  readonly #engine: Engine;
  readonly #now: () => number;

  /** `now`: milliseconds since 1970. */
  constructor(engine: Engine, now: () => number = Date.now) {
    this.#engine = engine;
    this.#now = now;
  }

  counts(options?: ReadOptions) {
    return counts(this.#engine, options);
  }
  services(range: TimeRange, options?: ReadOptions) {
    return services(this.#engine, range, options);
  }
  operations(query: OperationsQuery, options?: ReadOptions) {
    return operations(this.#engine, query, options);
  }
  attributeKeys(query: KeysQuery, options?: ReadOptions) {
    return attributeKeys(this.#engine, query, options);
  }
  attributeValues(query: ValuesQuery, options?: ReadOptions) {
    return attributeValues(this.#engine, query, options);
  }
  search(query: TraceQuery, options?: ReadOptions) {
    return searchTraces(this.#engine, query, options);
  }
  arrivals(query: TraceQuery, since: Arrivals, options?: ReadOptions) {
    return arrivals(this.#engine, query, since, options);
  }
  summaries(ids: readonly TraceId[], query: SpanQuery, options?: ReadOptions) {
    return summariesOf(this.#engine, ids, query, options);
  }
  knownLogs(times: readonly bigint[], options?: ReadOptions) {
    return knownLogs(this.#engine, times, options);
  }
  knownSpans(ids: readonly TraceId[], options?: ReadOptions) {
    return knownSpans(this.#engine, ids, options);
  }
  trace(id: TraceId, options?: ReadOptions) {
    return wholeTrace(this.#engine, id, this.#now() / 1000, options);
  }
  timeline(id: TraceId, options?: ReadOptions) {
    return timeline(this.#engine, id, this.#now() / 1000, options);
  }
  span(traceId: TraceId, spanId: SpanId, options?: ReadOptions) {
    return spanDetails(this.#engine, traceId, spanId, options);
  }
  find(id: TraceId, text: string, options?: ReadOptions) {
    return findInTrace(this.#engine, id, text, options);
  }
  logs(id: TraceId, options?: ReadOptions) {
    return logsOfTrace(this.#engine, id, options);
  }
  searchLogs(query: LogQuery, options?: ReadOptions) {
    return searchLogs(this.#engine, query, options);
  }
  logServices(range: TimeRange, options?: ReadOptions) {
    return logServices(this.#engine, range, options);
  }
  serviceMap(query: MapQuery, options?: ReadOptions) {
    return serviceMap(this.#engine, query, options);
  }
  red(query: RedQuery, options?: ReadOptions) {
    return redSeries(this.#engine, query, options);
  }
  statistics(query: StatisticsQuery, options?: ReadOptions) {
    return statistics(this.#engine, query, options);
  }
  purge() {
    return purge(this.#engine);
  }
}
