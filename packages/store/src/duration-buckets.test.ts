import fc from 'fast-check';
import { expect, it } from 'vitest';
import { bucketOf, bucketsPerOctave } from './duration-buckets.ts';

it('puts every duration into the bucket that holds it', () => {
  fc.assert(
    fc.property(fc.double({ min: 1, max: 2 ** 62, noNaN: true }), (nanos) => {
      const exact = Math.log2(nanos) * bucketsPerOctave;
      // On the edge between two buckets either is right.
      expect(Math.abs(bucketOf(nanos) + 0.5 - exact)).toBeLessThanOrEqual(0.5 + 1e-4);
    }),
  );
});

it('puts what is no duration into the first bucket', () => {
  expect([0, -5, 0.3, NaN].map(bucketOf)).toEqual([0, 0, 0, 0]);
});

it('begins an octave with a bucket of its own', () => {
  expect([1, 2, 1024, 2 ** 40].map(bucketOf)).toEqual([0, 4, 40, 160]);
});
