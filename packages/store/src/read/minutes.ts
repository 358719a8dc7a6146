/**
 * The `minute` under which a row with this time is stored: computed in floating point as the writer does, so it agrees
 * with the writer at the edges, and times in a range have minutes in the range of its ends' minutes.
 */
export function minuteOf(nanos: bigint): number {
  return Math.floor(Number(nanos) / 60e9);
}

export const lastTime = 2n ** 63n - 1n;
