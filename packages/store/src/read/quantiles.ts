import { bucketsPerOctave } from '../duration-buckets.ts';

/** A histogram of durations in the buckets of duration-buckets.ts, as the rollups keep it. */
export interface Histogram {
  /** Ascending. */
  readonly buckets: readonly number[];
  readonly counts: readonly number[];
}

/**
 * The duration below which the share `q` of them lies, in nanoseconds; 0 where there are none. Within a bucket they are
 * taken to be spread evenly, so the error is less than a bucket's width of 19 %.
 */
export function quantile({ buckets, counts }: Histogram, q: number): number {
  const total = counts.reduce((sum, count) => sum + count, 0);
  if (total === 0) return 0;
  let below = 0;
  const wanted = q * total;
  let n = 0;
  while (n < counts.length - 1 && below + counts[n]! < wanted) below += counts[n++]!;
  const low = 2 ** (buckets[n]! / bucketsPerOctave);
  const high = 2 ** ((buckets[n]! + 1) / bucketsPerOctave);
  return Math.round(low + ((high - low) * (wanted - below)) / counts[n]!);
}

/** Both together. */
export function mergeHistograms(a: Histogram, b: Histogram): Histogram {
  if (a.buckets.length === 0) return b;
  if (b.buckets.length === 0) return a;
  const counts = new Map(a.buckets.map((bucket, n) => [bucket, a.counts[n]!]));
  b.buckets.forEach((bucket, n) => counts.set(bucket, (counts.get(bucket) ?? 0) + b.counts[n]!));
  const buckets = [...counts.keys()].toSorted((x, y) => x - y);
  return { buckets, counts: buckets.map((bucket) => counts.get(bucket)!) };
}
