import type { Nanos } from '@throughline/model';

/** From the longest; each is the length of one in nanoseconds. */
const units = [
  ['d', 86_400e9],
  ['h', 3_600e9],
  ['min', 60e9],
  ['s', 1e9],
  ['ms', 1e6],
  ['µs', 1e3],
  ['ns', 1],
] as const;

/** A length of time with three significant digits: `1.23 ms`, `45.6 s`, `2.5 min`, `0 ns`. */
export function formatDuration(nanos: Nanos): string {
  if (nanos < 0) return `−${formatDuration(-nanos)}`;
  const rounded = Number(nanos.toPrecision(3));
  const [name, size] = units.find(([, each]) => rounded >= each) ?? ['ns', 1];
  return `${Number((rounded / size).toPrecision(3))} ${name}`;
}

const sizes: Record<string, number> = {
  ...Object.fromEntries(units),
  us: 1e3,
  μs: 1e3,
  m: 60e9,
};

/** The length written in `text` (`250ms`, `1.5 s`, `2min`; a bare number is milliseconds), or undefined. */
export function parseDuration(text: string): Nanos | undefined {
  const match = /^\s*(\d+(?:[.,]\d+)?|[.,]\d+)\s*([a-zµμ]*)\s*$/i.exec(text);
  if (!match) return undefined;
  const size = sizes[match[2] === '' ? 'ms' : (match[2] ?? '').toLowerCase()];
  return size === undefined ? undefined : Math.round(Number(match[1]?.replace(',', '.')) * size);
}
