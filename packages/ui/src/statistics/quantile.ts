/**
 * The value below which the share `q` of the values lies, between two of them in proportion (as spreadsheets'
 * PERCENTILE and numpy do); 0 where there are none. `sorted` ascends.
 */
export function quantile(sorted: ArrayLike<number>, q: number): number {
  if (sorted.length === 0) return 0;
  const at = q * (sorted.length - 1);
  const below = sorted[Math.floor(at)]!;
  return below + (sorted[Math.ceil(at)]! - below) * (at % 1);
}
