/**
 * The spans' table is in the order of slots of ten seconds, and of trace ids in each: small enough that the newest spans
 * are found without reading many others, long enough that most traces lie in one.
 */
export const slotNanos = 10e9;
const slotsPerMinute = 60e9 / slotNanos;

/**
 * The slot of a time. Computed in floating point, as the writer does: it agrees with the writer about times at the edges,
 * and times in a range have slots in the range of its ends' slots.
 */
export function slotOf(nanos: bigint): number {
  return Math.floor(Number(nanos) / slotNanos);
}

/** The first time of a slot. */
export function startOfSlot(slot: number): bigint {
  return BigInt(slot) * BigInt(slotNanos);
}

export function minuteOfSlot(slot: number): number {
  return Math.floor(slot / slotsPerMinute);
}
