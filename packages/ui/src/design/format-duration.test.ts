import { expect, test } from 'vitest';
import { formatDuration, parseDuration } from './format-duration.ts';

test.each([
  [0, '0 ns'],
  [7, '7 ns'],
  [999, '999 ns'],
  [1_234, '1.23 µs'],
  [999_400, '999 µs'],
  [999_600, '1 ms'],
  [45_678_000, '45.7 ms'],
  [5e9, '5 s'],
  [59.96e9, '1 min'],
  [912e9, '15.2 min'],
  [5_400e9, '1.5 h'],
  [100 * 86_400e9, '100 d'],
  [-1_500_000, '−1.5 ms'],
])('writes %d nanoseconds as %s', (nanos, text) => {
  expect(formatDuration(nanos)).toBe(text);
});

test.each([
  ['250ms', 250e6],
  [' 1.5 s ', 1.5e9],
  ['2min', 120e9],
  ['2m', 120e9],
  ['10us', 10e3],
  ['10µs', 10e3],
  ['0,5s', 0.5e9],
  ['100', 100e6],
  ['1h', 3_600e9],
])('reads %s', (text, nanos) => {
  expect(parseDuration(text)).toBe(nanos);
});

test.each(['', 'fast', '1 fortnight', '1.2.3s', '-5ms', '5ms later'])('does not read %j', (text) => {
  expect(parseDuration(text)).toBeUndefined();
});
