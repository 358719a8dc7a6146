import { expect, it } from 'vitest';
import { BufferPool } from './buffer-pool.ts';

it('hands out a buffer again once it has been given back, and not before', () => {
  const pool = new BufferPool(1_000_000);
  const first = pool.take(100_000);
  const second = pool.take(100_000);
  expect(second).not.toBe(first);
  pool.give(first);
  expect(pool.take(90_000)).toBe(first);
  expect(pool.take(90_000)).not.toBe(first);
});

it('keeps a large buffer from small messages', () => {
  const pool = new BufferPool(10_000_000);
  const large = pool.take(4_000_000);
  pool.give(large);
  expect(pool.take(10_000)).not.toBe(large);
  expect(pool.take(2_000_000)).toBe(large);
});

it('keeps no more than it may', () => {
  const pool = new BufferPool(300_000);
  const [first, second] = [pool.take(200_000), pool.take(200_000)];
  pool.give(first);
  pool.give(second);
  expect(pool.take(200_000)).toBe(first);
  expect(pool.take(200_000)).not.toBe(second);
});
