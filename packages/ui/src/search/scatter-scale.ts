/** Maps a value of the domain to a pixel and back. */
export interface Scale {
  readonly toPixel: (value: number) => number;
  readonly toValue: (pixel: number) => number;
}

export function linearScale(
  [from, to]: readonly [number, number],
  [left, right]: readonly [number, number],
): Scale {
  const factor = (right - left) / (to - from || 1);
  return {
    toPixel: (value) => left + (value - from) * factor,
    toValue: (pixel) => from + (pixel - left) / factor,
  };
}

/** The domain must be positive. */
export function logScale([from, to]: readonly [number, number], pixels: readonly [number, number]): Scale {
  const inner = linearScale([Math.log10(from), Math.log10(to)], pixels);
  return {
    toPixel: (value) => inner.toPixel(Math.log10(Math.max(value, from))),
    toValue: (pixel) => 10 ** inner.toValue(pixel),
  };
}

/** The steps of 1, 2, 5 × 10ⁿ around the values, at least one decade; 1 ms to 1 s where there are none. */
export function logDomain(values: Float64Array): [number, number] {
  let low = Infinity;
  let high = 0;
  for (const value of values) {
    if (value > 0 && value < low) low = value;
    if (value > high) high = value;
  }
  if (high === 0) return [1e6, 1e9];
  const from = stepBelow(low * 0.8);
  const to = stepAbove(high * 1.25);
  return to / from < 10
    ? [stepBelow(Math.sqrt(from * to) / 3.2), stepAbove(Math.sqrt(from * to) * 3.2)]
    : [from, to];
}

const decades = [
  1, 10, 100, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 60e9, 600e9, 3_600e9, 36_000e9, 86_400e9, 864_000e9,
];

/** Round lengths of time in nanoseconds: 10 ms, 100 ms, … 10 s, 1 min, 10 min, …; also 2 and 5 times where few fit. */
export function durationTicks([from, to]: readonly [number, number]): number[] {
  const factors = to / from <= 100 ? [1, 2, 5] : [1];
  return decades
    .flatMap((decade) => factors.map((factor) => factor * decade))
    .filter((tick) => tick >= from * 0.999 && tick <= to * 1.001)
    .toSorted((a, b) => a - b);
}

const seconds = 1e3;
const minutes = 60e3;
const hours = 3_600e3;
const days = 86_400e3;
const timeSteps = [
  1, 2, 5, 10, 20, 50, 100, 200, 500,
  1 * seconds, 2 * seconds, 5 * seconds, 10 * seconds, 15 * seconds, 30 * seconds,
  1 * minutes, 2 * minutes, 5 * minutes, 10 * minutes, 15 * minutes, 30 * minutes,
  1 * hours, 2 * hours, 3 * hours, 6 * hours, 12 * hours, 1 * days, 2 * days, 7 * days,
]; // prettier-ignore

/** At most `most` round local times in the domain (milliseconds since 1970), and their distance. */
export function timeTicks(
  [from, to]: readonly [number, number],
  most: number,
): { ticks: number[]; step: number } {
  const step = timeSteps.find((each) => (to - from) / each <= most) ?? 30 * days;
  const zone = new Date(from).getTimezoneOffset() * minutes;
  const ticks: number[] = [];
  for (let at = Math.ceil((from - zone) / step) * step + zone; at <= to; at += step) ticks.push(at);
  return { ticks, step };
}

function stepBelow(value: number): number {
  const power = 10 ** Math.floor(Math.log10(value));
  return (value / power >= 5 ? 5 : value / power >= 2 ? 2 : 1) * power;
}

function stepAbove(value: number): number {
  const power = 10 ** Math.floor(Math.log10(value));
  const digit = value / power;
  return (digit <= 1 ? 1 : digit <= 2 ? 2 : digit <= 5 ? 5 : 10) * power;
}
