import { expect, it } from 'vitest';
import { ChunkBuffers } from './chunk-buffers.ts';

it('uses a buffer again once it is given back, and not before', () => {
  const reader = new ChunkBuffers().reader();
  const memory = [reader.allocate(1000), reader.allocate(2000), reader.allocate(3000)].map(
    ({ buffer }) => buffer,
  );
  expect(new Set(memory).size).toBe(3);
  reader.recycle();
  const again = [reader.allocate(10).buffer, reader.allocate(10).buffer];
  expect(new Set(again)).toEqual(new Set(memory.slice(0, 2)));
});

it('leaves the chunk alone that is being read, also when other readers give back', () => {
  const buffers = new ChunkBuffers();
  const [stopped, other] = [buffers.reader(), buffers.reader()];
  const unread = stopped.allocate(1000).buffer;
  stopped.recycle();
  const taken = [other.allocate(10).buffer, other.allocate(10).buffer];
  other.recycle();
  other.recycle();
  taken.push(other.allocate(10).buffer, other.allocate(10).buffer);
  expect(taken).not.toContain(unread);
});

it('gives exactly as many bytes as it is asked for', () => {
  const reader = new ChunkBuffers().reader();
  expect([5, 4 * 2 ** 20, 9_000_000].map((bytes) => reader.allocate(bytes).length)).toEqual([
    5,
    4 * 2 ** 20,
    9_000_000,
  ]);
});
