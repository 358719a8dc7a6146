import { expect, test } from 'vitest';
import { nearestPoint } from './scatter-points.ts';
import { durationTicks, linearScale, logDomain, logScale, timeTicks } from './scatter-scale.ts';

test('maps both ways', () => {
  const linear = linearScale([10, 20], [0, 100]);
  expect(linear.toPixel(15)).toBe(50);
  expect(linear.toValue(50)).toBe(15);
  const log = logScale([1e3, 1e9], [100, 0]);
  expect(log.toPixel(1e6)).toBeCloseTo(50);
  expect(log.toValue(50)).toBeCloseTo(1e6);
  expect(log.toPixel(0)).toBe(100);
});

test('takes at least a decade around the durations', () => {
  const around = (...values: number[]) => logDomain(Float64Array.from(values));
  expect(around()).toEqual([1e6, 1e9]);
  expect(around(0)).toEqual([1e6, 1e9]);
  const [from, to] = around(3e6);
  expect(from).toBeLessThan(3e6);
  expect(to).toBeGreaterThan(3e6);
  expect(to / from).toBeGreaterThanOrEqual(10);
  expect(around(1.5e6, 900e9)).toEqual([1e6, 2e12]);
});

test('marks durations that people call round', () => {
  expect(durationTicks([1e6, 1e12])).toEqual([1e6, 1e7, 1e8, 1e9, 1e10, 60e9, 600e9]);
  expect(durationTicks([1e7, 1e8])).toEqual([1e7, 2e7, 5e7, 1e8]);
});

test('marks round local times, not more than asked', () => {
  const from = new Date(2026, 10, 20, 9, 7).getTime();
  const { ticks, step } = timeTicks([from, from + 3_600_000], 8);
  expect(step).toBe(600_000);
  expect(ticks.map((tick) => new Date(tick).toTimeString().slice(0, 5))).toEqual([
    '09:10', '09:20', '09:30', '09:40', '09:50', '10:00',
  ]); // prettier-ignore
});

test('finds the nearest point within reach', () => {
  const xs = Float32Array.of(0, 10, 20);
  const ys = Float32Array.of(0, 0, 0);
  expect(nearestPoint(xs, ys, [12, 1], 9)).toBe(1);
  expect(nearestPoint(xs, ys, [12, 30], 9)).toBe(-1);
});
