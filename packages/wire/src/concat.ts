import type { Batch } from './batch.ts';

/** One batch with everything in `batches`, which are at least one and all of the same signal. */
export function concatBatches(batches: readonly Batch[]): Batch {
  const [first] = batches;
  if (!first) throw new RangeError('no batches to put together');
  if (batches.length === 1) return first;
  if (batches.some(({ signal }) => signal !== first.signal))
    throw new TypeError('batches of different signals');
  return {
    signal: first.signal,
    bytes: Buffer.concat(batches.map(({ bytes }) => bytes)),
    items: batches.reduce((sum, { items }) => sum + items, 0),
  };
}
