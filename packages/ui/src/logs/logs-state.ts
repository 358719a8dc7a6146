import { parseSpanId, parseTraceId } from '@throughline/model';
import type { Condition } from '@throughline/query/api';
import { parseCondition } from '../search/condition-text.ts';
import { defaultRange, parseLast, periodOf, type TimeRange } from '../search/time-range.ts';
import type { UrlSearch } from '../shell/url-search.ts';

/** What a list of log records can be narrowed to at least, mildest first. */
export const severityWords = ['trace', 'debug', 'info', 'warn', 'error', 'fatal'] as const;
export type SeverityWord = (typeof severityWords)[number];

/** Everything a link to a list of log records restores, as the address has it. */
export interface LogsState {
  readonly service?: string | undefined;
  readonly severity?: SeverityWord | undefined;
  readonly text?: string | undefined;
  /** Conditions on attributes as `parseCondition` reads them. */
  readonly where?: readonly string[] | undefined;
  readonly trace?: string | undefined;
  /** Only with a trace. */
  readonly span?: string | undefined;
  /** `15m`, or `start` and `end` as ISO times. Default: `1h`. */
  readonly last?: string | undefined;
  readonly start?: string | undefined;
  readonly end?: string | undefined;
  readonly order?: 'oldest' | undefined;
  /** Only without fixed times, and then the newest come first. */
  readonly live?: 'on' | undefined;
}

/** Takes what it understands out of an address; the rest is as if it were not there. */
export function parseLogsState(raw: UrlSearch): LogsState {
  const fixed = isTime(one(raw.start)) && isTime(one(raw.end));
  const last = one(raw.last);
  const live = !fixed && raw.live === 'on' ? 'on' : undefined;
  const where = [raw.where ?? []].flat().filter((text) => parseCondition(text));
  const trace = parseTraceId(one(raw.trace) ?? '');
  return withoutUndefined({
    service: one(raw.service),
    severity: severityWords.find((word) => word === raw.severity),
    text: one(raw.text),
    where: where.length > 0 ? where : undefined,
    trace,
    span: trace && parseSpanId(one(raw.span) ?? ''),
    last: !fixed && last && parseLast(last) ? last : undefined,
    start: fixed ? one(raw.start) : undefined,
    end: fixed ? one(raw.end) : undefined,
    order: !live && raw.order === 'oldest' ? 'oldest' : undefined,
    live,
  });
}

export function logsRangeOf(state: LogsState): TimeRange {
  if (state.start && state.end) {
    return { kind: 'fixed', start: Date.parse(state.start), end: Date.parse(state.end) };
  }
  return (state.last && parseLast(state.last)) || defaultRange;
}

/** Parameters of GET /logs. */
export interface LogsQuestion {
  readonly service: string | undefined;
  readonly severity: SeverityWord | undefined;
  readonly text: string | undefined;
  readonly conditions: readonly Condition[] | undefined;
  readonly trace_id: string | undefined;
  readonly span_id: string | undefined;
  readonly start: string;
  readonly end: string;
  readonly order: 'newest' | 'oldest';
}

/** `times`: milliseconds since 1970. */
export function logsQuestionOf(state: LogsState, times: { start: number; end: number }): LogsQuestion {
  const conditions = (state.where ?? []).flatMap((text) => parseCondition(text) ?? []);
  return {
    service: state.service,
    severity: state.severity,
    text: state.text,
    conditions: conditions.length > 0 ? conditions : undefined,
    trace_id: state.trace,
    span_id: state.span,
    ...periodOf(times),
    order: state.order ?? 'newest',
  };
}

/** The state with its times and order, and without any filter. */
export function withoutLogFilters({ last, start, end, order, live }: LogsState): LogsState {
  return withoutUndefined({ last, start, end, order, live });
}

export function hasLogFilters(state: LogsState): boolean {
  return Object.keys(state).length > Object.keys(withoutLogFilters(state)).length;
}

/** The fixed times from so long before `from` to so long after `to`, all in milliseconds. */
export function around(from: number, to: number, margin: number): Pick<LogsState, 'start' | 'end'> {
  return { start: new Date(from - margin).toISOString(), end: new Date(to + margin).toISOString() };
}

function one(value: UrlSearch[string]): string | undefined {
  const text = typeof value === 'string' ? value : value?.[0];
  return text === '' ? undefined : text;
}

function isTime(text: string | undefined): boolean {
  return text !== undefined && !Number.isNaN(Date.parse(text));
}

function withoutUndefined(state: LogsState): LogsState {
  return Object.fromEntries(Object.entries(state).filter(([, value]) => value !== undefined));
}
