import type { Range } from '../zoom.ts';

/** Round times to label a timeline with, `step` nanoseconds apart. */
export interface RulerTimes {
  readonly step: number;
  readonly times: readonly number[];
}

const second = 1e9;
/** Above ten seconds people count in sixties. */
const longSteps = [10, 20, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 14_400, 21_600, 43_200, 86_400].map(
  (seconds) => seconds * second,
);

/** Times in the range, at least `apart` nanoseconds from one another. */
export function rulerTimes(range: Range, apart: number): RulerTimes {
  const step = apart > 5 * second ? longStep(apart) : decimalStep(apart);
  const first = Math.ceil(range.from / step);
  const last = Math.floor(range.to / step);
  return {
    step,
    times: Array.from({ length: Math.max(last - first + 1, 0) }, (_, index) => (first + index) * step),
  };
}

function decimalStep(apart: number): number {
  const power = 10 ** Math.floor(Math.log10(Math.max(apart, 1)));
  return power * ([1, 2, 5, 10].find((each) => each * power >= apart) ?? 10);
}

function longStep(apart: number): number {
  return longSteps.find((step) => step >= apart) ?? Math.ceil(apart / (86_400 * second)) * 86_400 * second;
}

const units = [
  ['s', 1e9],
  ['ms', 1e6],
  ['µs', 1e3],
  ['ns', 1],
] as const;

/** `time` with as many digits as tell it from its neighbours, in a unit that suits the whole range. */
export function rulerLabel(time: number, step: number, range: Range): string {
  const largest = Math.max(Math.abs(range.from), Math.abs(range.to));
  if (largest >= 120 * second) return clockLabel(time, step);
  const [unit, size] = units.find(([, each]) => largest >= each * 2) ?? ['ns', 1];
  return time === 0
    ? `0 ${unit}`
    : `${(time / size).toFixed(decimals(step / size))} ${unit}`.replace('-', '−');
}

function decimals(step: number): number {
  return Math.min(Math.max(0, Math.ceil(-Math.log10(step) - 1e-9)), 12);
}

/** `2:05`, `1:00:05.25` */
function clockLabel(time: number, step: number): string {
  const seconds = Math.abs(time) / second;
  const places = decimals(step / second);
  const rest = (seconds % 60).toFixed(places).padStart(places > 0 ? places + 3 : 2, '0');
  const minutes = Math.floor(seconds / 60) % 60;
  const hours = Math.floor(seconds / 3600);
  const text = hours > 0 ? `${hours}:${String(minutes).padStart(2, '0')}:${rest}` : `${minutes}:${rest}`;
  return time < 0 ? `−${text}` : text;
}
