import { unixNanos, unixNanosOfMillis } from '@throughline/model';
import type { TimeRange } from '@throughline/store';
import { Refusal } from '../problems.ts';

export interface RangeParameters {
  readonly start?: string | undefined;
  readonly end?: string | undefined;
}

const hourMs = 3_600_000;
const never = 2n ** 63n - 1n;

/** The range as it was asked for; a side that was not is open. */
export function openRange({ start, end }: RangeParameters): TimeRange {
  const range = {
    ...(start !== undefined && { start: unixNanos(BigInt(start)) }),
    ...(end !== undefined && { end: unixNanos(BigInt(end)) }),
  };
  if (range.start !== undefined && range.end !== undefined && range.start >= range.end) throw backwards();
  return range;
}

/** The range; by default it is all time. */
export function allTime(parameters: RangeParameters): Closed {
  const { start = unixNanos(0n), end = unixNanos(never) } = openRange(parameters);
  return { start, end };
}

/** The range; by default it begins an hour before its end, or before now, and has no end. */
export function lastHour({ start, end }: RangeParameters, nowMs: number): Closed {
  const to = unixNanos(end === undefined ? never : BigInt(end));
  const hour = BigInt(hourMs) * 1_000_000n;
  const reference = end === undefined ? unixNanosOfMillis(nowMs) : to;
  const from = start === undefined ? (reference > hour ? reference - hour : 0n) : BigInt(start);
  if (start !== undefined && end !== undefined && from >= to) throw backwards();
  return { start: unixNanos(from), end: to };
}

interface Closed {
  readonly start: ReturnType<typeof unixNanos>;
  readonly end: ReturnType<typeof unixNanos>;
}

function backwards(): Refusal {
  const message = 'must be later than start';
  return new Refusal(400, `query end: ${message}`, [{ in: 'query', name: 'end', message }]);
}
