import { expect, test } from 'vitest';
import { formatRate } from './format-rate.ts';

test.each([
  [0, '0/s'],
  [12_345, '12.3K/s'],
  [4.567, '4.6/s'],
  [1, '1/s'],
  [0.999, '1/s'],
  [27.99, '28/s'],
  [456, '456/s'],
  [0.0166, '1/min'],
  [0.5, '30/min'],
  [1 / 60, '1/min'],
  [1 / 3600, '1/h'],
])('writes %d a second as %s', (rate, text) => {
  expect(formatRate(rate)).toBe(text);
});
