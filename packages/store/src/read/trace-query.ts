import type { Nanos, SpanKind, StatusCode, TraceId, UnixNanos } from '@throughline/model';

export type AttributeScope = 'span' | 'resource';
/** `array` stands for every value that is not one of the other four: bytes, arrays, maps, none. */
export type AttributeType = 'string' | 'int' | 'double' | 'bool' | 'array';

export type Operator = '=' | '!=' | '<' | '<=' | '>' | '>=' | 'contains' | 'exists';

/**
 * A condition on one attribute of a span or of its resource (without a scope: of either).
 *
 * `=` compares with texts, and where the value reads as a number or as true or false, with those too. `!=` holds when
 * the attribute is there and `=` does not. The order compares numbers with numbers where the value reads as one, and
 * texts with texts otherwise. `contains` looks into texts, whatever the case.
 */
export interface AttributeCondition {
  readonly scope?: AttributeScope | undefined;
  readonly key: string;
  readonly op: Operator;
  readonly value?: string | number | boolean | undefined;
}

/** What must hold for one and the same span of a trace. */
export interface SpanQuery {
  readonly service?: string | undefined;
  readonly operation?: string | undefined;
  readonly kind?: SpanKind | undefined;
  readonly status?: StatusCode | undefined;
  readonly conditions: readonly AttributeCondition[];
  /** Anywhere in the name or a text attribute of the span, whatever the case. */
  readonly text?: string | undefined;
  readonly minDuration?: Nanos | undefined;
  readonly maxDuration?: Nanos | undefined;
}

export type SortOrder = 'newest' | 'oldest' | 'longest' | 'shortest' | 'most_spans' | 'most_errors';

/** Traces that start in the range, last as long, and have a span as `SpanQuery` says. */
export interface TraceQuery extends SpanQuery {
  readonly minTraceDuration?: Nanos | undefined;
  readonly maxTraceDuration?: Nanos | undefined;
  readonly start: UnixNanos;
  readonly end: UnixNanos;
  readonly sort: SortOrder;
  readonly limit: number;
  /** `nextCursor` of the page before; throws InvalidCursor if it is not one of this sort order. */
  readonly cursor?: string | undefined;
}

export class InvalidCursor extends Error {
  override readonly name = 'InvalidCursor';
}

export interface TracePage {
  readonly traces: readonly TraceSummary[];
  /** Present while there may be more. */
  readonly nextCursor?: string;
}

export interface TraceSummary {
  readonly traceId: TraceId;
  readonly start: UnixNanos;
  readonly duration: Nanos;
  /** Of the span without a parent; where that has not arrived, of the earliest span. */
  readonly rootService: string;
  readonly rootOperation: string;
  readonly hasRoot: boolean;
  readonly spans: number;
  readonly errors: number;
  /** Seconds since 1970: when its newest span was received. */
  readonly received: number;
  /** Most spans first. */
  readonly services: readonly ServiceShare[];
  /** Spans that matched what was asked; all, where nothing was. */
  readonly matched: number;
}

export interface ServiceShare {
  readonly name: string;
  readonly spans: number;
  readonly errors: number;
  readonly duration: Nanos;
}
