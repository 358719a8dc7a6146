import { spanKinds, statusCodes, type SpanKind, type StatusCode } from '@throughline/model';
import type { Condition, SearchQueryInput } from '@throughline/query/api';
import { parseDuration } from '../design/format-duration.ts';
import type { UrlSearch } from '../shell/url-search.ts';
import { parseCondition } from './condition-text.ts';
import { defaultRange, parseLast, periodOf, type TimeRange } from './time-range.ts';

type SortOrder = NonNullable<SearchQueryInput['sort']>;

export const sortLabels: Record<SortOrder, string> = {
  newest: 'Newest first',
  oldest: 'Oldest first',
  longest: 'Longest first',
  shortest: 'Shortest first',
  most_spans: 'Most spans first',
  most_errors: 'Most errors first',
};

/** Everything a link to a search restores, as the address has it: lengths and times are texts that people can read. */
export interface SearchState {
  readonly service?: string | undefined;
  readonly operation?: string | undefined;
  readonly kind?: SpanKind | undefined;
  readonly status?: StatusCode | undefined;
  /** Conditions as `parseCondition` reads them. */
  readonly where?: readonly string[] | undefined;
  readonly text?: string | undefined;
  /** Bounds of a span's duration: `100ms`. */
  readonly min?: string | undefined;
  readonly max?: string | undefined;
  /** Bounds of the trace's duration. */
  readonly minTrace?: string | undefined;
  readonly maxTrace?: string | undefined;
  /** `15m`, or `start` and `end` as ISO times. Default: `1h`. */
  readonly last?: string | undefined;
  readonly start?: string | undefined;
  readonly end?: string | undefined;
  readonly sort?: SortOrder | undefined;
  /** Only without fixed times, and then the newest come first. */
  readonly live?: 'on' | undefined;
  /** What is shown of the traces that are found: a list, or where their time goes. */
  readonly view?: 'statistics' | undefined;
  /** What the rows of the statistics are; default: operations. */
  readonly rows?: 'service' | undefined;
}

/** Takes what it understands out of an address; the rest is as if it were not there. */
export function parseSearchState(raw: UrlSearch): SearchState {
  const fixed = isTime(one(raw.start)) && isTime(one(raw.end));
  const last = one(raw.last);
  const live = !fixed && raw.live === 'on' ? 'on' : undefined;
  const where = [raw.where ?? []].flat().filter((text) => parseCondition(text));
  return withoutUndefined({
    service: one(raw.service),
    operation: one(raw.operation),
    kind: spanKinds.find((kind) => kind === raw.kind),
    status: statusCodes.find((status) => status === raw.status),
    where: where.length > 0 ? where : undefined,
    text: one(raw.text),
    min: duration(raw.min),
    max: duration(raw.max),
    minTrace: duration(raw.minTrace),
    maxTrace: duration(raw.maxTrace),
    last: !fixed && last && parseLast(last) ? last : undefined,
    start: fixed ? one(raw.start) : undefined,
    end: fixed ? one(raw.end) : undefined,
    sort: live ? undefined : (Object.keys(sortLabels) as SortOrder[]).find((sort) => sort === raw.sort),
    live,
    view: raw.view === 'statistics' ? 'statistics' : undefined,
    rows: raw.rows === 'service' ? 'service' : undefined,
  });
}

export function rangeOf(state: SearchState): TimeRange {
  if (state.start && state.end) {
    return { kind: 'fixed', start: Date.parse(state.start), end: Date.parse(state.end) };
  }
  return (state.last && parseLast(state.last)) || defaultRange;
}

function conditionsOf(state: SearchState): Condition[] {
  return (state.where ?? []).flatMap((text) => parseCondition(text) ?? []);
}

/** The filters of the state without its times, as the server is asked. */
export function filtersOf(state: SearchState): SearchQueryInput {
  const conditions = conditionsOf(state);
  return {
    service: state.service,
    operation: state.operation,
    kind: state.kind,
    status: state.status,
    text: state.text,
    ...(conditions.length > 0 ? { conditions } : {}),
    min_duration: nanos(state.min),
    max_duration: nanos(state.max),
    min_trace_duration: nanos(state.minTrace),
    max_trace_duration: nanos(state.maxTrace),
  };
}

export function questionOf(state: SearchState, times: { start: number; end: number }): SearchQueryInput {
  return { ...filtersOf(state), ...periodOf(times), sort: state.sort ?? 'newest' };
}

/** The state with its times, order and view, and without any filter. */
export function withoutFilters({ last, start, end, sort, live, view, rows }: SearchState): SearchState {
  return withoutUndefined({ last, start, end, sort, live, view, rows });
}

/**
 * The change that asks for traces with spans of an operation. What else was asked of spans goes, as it may not hold for
 * the same ones; what was asked of whole traces stays.
 */
export function spansOf(service: string, operation: string | undefined): Partial<SearchState> {
  const nothing = { kind: undefined, status: undefined, where: undefined, text: undefined };
  return { ...nothing, min: undefined, max: undefined, service, operation };
}

export function hasFilters(state: SearchState): boolean {
  return Object.keys(state).length > Object.keys(withoutFilters(state)).length;
}

function one(value: UrlSearch[string]): string | undefined {
  const text = typeof value === 'string' ? value : value?.[0];
  return text === '' ? undefined : text;
}

function duration(value: UrlSearch[string]): string | undefined {
  const text = one(value);
  return text !== undefined && parseDuration(text) !== undefined ? text : undefined;
}

function nanos(text: string | undefined): number | undefined {
  return text === undefined ? undefined : parseDuration(text);
}

function isTime(text: string | undefined): boolean {
  return text !== undefined && !Number.isNaN(Date.parse(text));
}

function withoutUndefined(state: SearchState): SearchState {
  return Object.fromEntries(Object.entries(state).filter(([, value]) => value !== undefined));
}
