/** A histogram of durations: bucket b counts those in [2^(b/8), 2^((b+1)/8)) ns, as the rollups keep it. */
export interface Histogram {
  /** Ascending. */
  readonly buckets: readonly number[];
  readonly counts: readonly number[];
}

const bucketsPerOctave = 8;

/**
 * The duration below which the share `q` of them lies, in nanoseconds; 0 where there are none. Within a bucket they are
 * taken to be spread evenly, so the error is less than a bucket's width of 9 %.
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
