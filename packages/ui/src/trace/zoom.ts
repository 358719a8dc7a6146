/** A stretch of time, nanoseconds from the trace's origin. */
export interface Range {
  readonly from: number;
  readonly to: number;
}

/** Nothing smaller is shown: below it a pixel is a fraction of a nanosecond. */
const shortest = 100;

export function length(range: Range): number {
  return range.to - range.from;
}

/** The range with its ends in order, at least `shortest` long and inside `whole`. */
export function within(whole: Range, range: Range): Range {
  const long = Math.min(Math.max(Math.abs(length(range)), shortest), Math.max(length(whole), shortest));
  const from = Math.min(range.from, range.to);
  const latest = Math.max(whole.to - long, whole.from);
  const placed = Math.min(Math.max(from, whole.from), latest);
  return { from: placed, to: placed + long };
}

/** What is drawn when nothing is selected: the trace, and for one without duration something to divide by. */
export function wholeRange(columns: Range): Range {
  return { from: columns.from, to: Math.max(columns.to, columns.from + shortest) };
}

/** Closer (`factor` < 1) or farther, `at` staying where it is on the screen. */
export function zoomAround(whole: Range, range: Range, at: number, factor: number): Range {
  return within(whole, { from: at - (at - range.from) * factor, to: at + (range.to - at) * factor });
}

export function pan(whole: Range, range: Range, by: number): Range {
  return within(whole, { from: range.from + by, to: range.to + by });
}

/** The range moved and, where it must be, widened so that a bar from `from` to `to` is in it. */
export function including(whole: Range, range: Range, bar: Range): Range {
  if (bar.to >= range.from && bar.from <= range.to) return range;
  const margin = Math.max(0, length(range) - length(bar)) / 2;
  return within(whole, { from: bar.from - margin, to: bar.from - margin + length(range) });
}

export function isWhole(whole: Range, range: Range): boolean {
  return range.from <= whole.from && range.to >= whole.to;
}

/** `1700000000000000000+2500000`: start since 1970 and length, so that it holds when earlier spans arrive. */
export function printRange(range: Range, origin: bigint): string {
  return `${origin + BigInt(Math.round(range.from))}+${Math.round(length(range))}`;
}

export function parseRange(text: string | undefined, origin: bigint): Range | undefined {
  const [, start, long] = /^(\d{1,19})\+(\d{1,16})$/.exec(text ?? '') ?? [];
  if (start === undefined || long === undefined) return undefined;
  const from = Number(BigInt(start) - origin);
  return { from, to: from + Number(long) };
}
