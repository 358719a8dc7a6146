import type { LogRecord, SpanId, TraceId, UnixNanos } from '@throughline/model';
import type { AttributeCondition } from '../trace-query.ts';

export type LogOrder = 'newest' | 'oldest';

/** Log records at or after `start` and before `end` for which everything else holds too. */
export interface LogQuery {
  readonly start: UnixNanos;
  readonly end: UnixNanos;
  readonly service?: string | undefined;
  /** OTLP's SeverityNumber, 1 to 24. Of records without a number the severity's text counts. */
  readonly minSeverity?: number | undefined;
  /** Anywhere in the body or the event's name, whatever the case. */
  readonly text?: string | undefined;
  readonly traceId?: TraceId | undefined;
  readonly spanId?: SpanId | undefined;
  /** Scope `span` stands for the record's own attributes. */
  readonly conditions: readonly AttributeCondition[];
  readonly order: LogOrder;
  readonly limit: number;
  /** `nextCursor` of the page before; throws InvalidCursor if it is not one of this order. */
  readonly cursor?: string | undefined;
}

export interface LogPage {
  readonly logs: readonly StoredLog[];
  /** Present while there may be more. */
  readonly nextCursor?: string;
  /**
   * Present where time ran out before the page was full: up to here everything was looked at, and `nextCursor` goes
   * on from here.
   */
  readonly searchedTo?: UnixNanos;
}

export interface StoredLog {
  /** The same for the same content; records that are equal in everything share it. */
  readonly id: string;
  readonly record: LogRecord;
}

export interface LogServiceCount {
  readonly name: string;
  readonly logs: number;
  /** Of them with severity error or fatal. */
  readonly errors: number;
}
