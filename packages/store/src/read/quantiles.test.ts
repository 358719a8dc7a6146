import { describe, expect, it } from 'vitest';
import { bucketOf } from '../duration-buckets.ts';
import { quantile } from './quantiles.ts';

function histogramOf(durations: readonly number[]) {
  const counts = new Map<number, number>();
  for (const duration of durations) {
    const bucket = bucketOf(duration);
    counts.set(bucket, (counts.get(bucket) ?? 0) + 1);
  }
  const buckets = [...counts.keys()].sort((a, b) => a - b);
  return { buckets, counts: buckets.map((bucket) => counts.get(bucket)!) };
}

describe('a quantile of a histogram', () => {
  it('differs from the exact one by less than a bucket', () => {
    const durations = Array.from({ length: 1000 }, (_, n) => Math.round(1e3 * 1.01 ** n));
    for (const q of [0.01, 0.5, 0.95, 0.99, 1]) {
      const exact = durations[Math.ceil(q * durations.length) - 1]!;
      const found = quantile(histogramOf(durations), q);
      expect(found / exact).toBeGreaterThan(0.84);
      expect(found / exact).toBeLessThan(1.19);
    }
  });

  it('is 0 where nothing was counted, and within the bucket where one was', () => {
    expect(quantile({ buckets: [], counts: [] }, 0.5)).toBe(0);
    const only = quantile(histogramOf([5e6]), 0.5);
    expect(Math.abs(only - 5e6) / 5e6).toBeLessThan(0.19);
  });
});
