import type { Nanos } from '@throughline/model';
import type { TraceQuery } from '../trace-query.ts';

/** Of the traces that match, the first `limit` in the order of `sort`. */
export interface StatisticsQuery extends TraceQuery {
  readonly by: 'operation' | 'service';
}

export interface Statistics {
  /** Of how many traces and spans the rows speak. */
  readonly traces: number;
  readonly spans: number;
  /** Whether these are all traces that match. */
  readonly complete: boolean;
  /** Self time of all these spans. */
  readonly self: Nanos;
  /** How many rows there are, also beyond those given. */
  readonly count: number;
  /** Most self time first; at most 5,000. */
  readonly rows: readonly StatisticsRow[];
}

/** What all spans of an operation, or of a service, took together. Durations below zero count as none. */
export interface StatisticsRow {
  readonly service: string;
  /** Where operations are rows. */
  readonly operation?: string;
  readonly spans: number;
  readonly errors: number;
  readonly p50: Nanos;
  readonly p95: Nanos;
  readonly max: Nanos;
  readonly total: Nanos;
  /** Of the total, the time in which no child was at work. */
  readonly self: Nanos;
}
