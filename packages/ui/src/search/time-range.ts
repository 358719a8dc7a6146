import type { Period } from '../api/questions.ts';
import { formatClock, formatDate, nanosOfMillis } from '../design/format-time.ts';

/** The times a search looks at: back from now, or fixed. Times are milliseconds since 1970. */
export type TimeRange =
  | { readonly kind: 'last'; readonly count: number; readonly unit: RangeUnit }
  | { readonly kind: 'fixed'; readonly start: number; readonly end: number };

const unitMillis = { s: 1e3, m: 60e3, h: 3_600e3, d: 86_400e3 } as const;
export type RangeUnit = keyof typeof unitMillis;

export const unitNames: Record<RangeUnit, string> = { s: 'second', m: 'minute', h: 'hour', d: 'day' };

export const presets = ['15m', '30m', '1h', '3h', '6h', '12h', '1d', '2d', '7d', '14d'] as const;
export const defaultRange: TimeRange = { kind: 'last', count: 1, unit: 'h' };

/** `15m`, `6h`, `14d` → a range; undefined for other texts. */
export function parseLast(text: string): Extract<TimeRange, { kind: 'last' }> | undefined {
  const match = /^(\d{1,6})([smhd])$/.exec(text);
  const count = Number(match?.[1]);
  return match && count > 0 ? { kind: 'last', count, unit: match[2] as RangeUnit } : undefined;
}

export function printLast(range: { count: number; unit: RangeUnit }): string {
  return `${range.count}${range.unit}`;
}

function lastMillis(range: { count: number; unit: RangeUnit }): number {
  return range.count * unitMillis[range.unit];
}

/** Start and end in milliseconds, the end excluded, where `now` is the present. */
export function resolveRange(range: TimeRange, now: number): { start: number; end: number } {
  return range.kind === 'fixed' ? range : { start: now - lastMillis(range), end: now };
}

export function periodOf({ start, end }: { start: number; end: number }): Period {
  return { start: nanosOfMillis(start), end: nanosOfMillis(end) };
}

export function describeRange(range: TimeRange): string {
  if (range.kind === 'last') {
    const { count, unit } = range;
    return count === 1 ? `Last ${unitNames[unit]}` : `Last ${count} ${unitNames[unit]}s`;
  }
  const digits = range.end - range.start < 10_000 ? 12 : 8;
  const clock = (millis: number) => formatClock(millis).slice(0, digits);
  const [from, to] = [formatDate(range.start), formatDate(range.end)];
  return from === to
    ? `${from} ${clock(range.start)} – ${clock(range.end)}`
    : `${from} ${clock(range.start)} – ${to} ${clock(range.end)}`;
}

/**
 * The time that a person wrote: `2026-11-20 16:04:05.5` (local zone; shorter forms too), `16:04` (today), an ISO time
 * with a zone, or seconds, milliseconds, microseconds or nanoseconds since 1970. Undefined for anything else.
 */
export function parseTime(text: string, now: number): number | undefined {
  const trimmed = text.trim();
  if (/^\d{10,19}$/.test(trimmed)) return Math.floor(Number(trimmed) / 10 ** (digitsBeyond(trimmed) - 3));
  if (/^\d{1,2}:\d{2}(:\d{2}(\.\d+)?)?$/.test(trimmed)) {
    return parseTime(`${formatDate(now)} ${trimmed.padStart(5, '0')}`, now);
  }
  const match =
    /^(\d{4}-\d{2}-\d{2})(?:[ T](\d{1,2}:\d{2}(?::\d{2}(?:[.,]\d+)?)?))?\s*(Z|[+-]\d{2}:?\d{2})?$/.exec(
      trimmed,
    );
  if (!match) return undefined;
  const clock = (match[2] ?? '00:00').padStart(5, '0').replace(',', '.');
  const millis = Date.parse(`${match[1]}T${clock}${match[3] ?? ''}`);
  return Number.isNaN(millis) ? undefined : millis;
}

/** How many digits below a second a number of that length has: 0, 3, 6 or 9. */
function digitsBeyond(digits: string): number {
  return Math.round((digits.length - 10) / 3) * 3;
}
