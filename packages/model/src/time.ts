/** Nanoseconds since 1970 (UTC), exact. */
export type UnixNanos = bigint & { readonly __brand: 'UnixNanos' };
/** A length of time in nanoseconds; exact up to 104 days. */
export type Nanos = number;

export const nanosPerMilli = 1_000_000;

export function unixNanos(value: bigint): UnixNanos {
  return value as UnixNanos;
}

/** Milliseconds since 1970 as nanoseconds. */
export function unixNanosOfMillis(millis: number): UnixNanos {
  return (BigInt(Math.trunc(millis)) * 1_000_000n) as UnixNanos;
}
