import { InvalidData } from '@throughline/model';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { runs } from './arbitrary.test-kit.ts';
import { concatBatches, Reader } from './index.ts';
import { Writer } from './writer.ts';

/** Those that a double can hold exactly end at 2^53. */
const wideNumber = fc.oneof(
  fc.bigInt(-(2n ** 63n), 2n ** 64n - 1n),
  fc.bigInt(2n ** 53n - 5n, 2n ** 53n + 5n),
  fc.bigInt(-5n, 300n),
);

test('numbers of every size come back as they were written', () => {
  fc.assert(
    fc.property(wideNumber, fc.nat(0xffff_ffff), (wide, narrow) => {
      const writer = new Writer(1);
      writer.varint64(wide);
      writer.varint(narrow);
      writer.varint64(BigInt(narrow));
      writer.varint64(BigInt(narrow | 0));
      writer.fixed64(BigInt.asUintN(64, wide));
      writer.fixed32(narrow);
      writer.varint64(wide);
      const reader = new Reader(writer.finish());
      expect(reader.uint64()).toBe(BigInt.asUintN(64, wide));
      expect(reader.varint()).toBe(narrow);
      expect(reader.uint32()).toBe(narrow);
      expect(reader.int32()).toBe(narrow | 0);
      expect(reader.fixed64()).toBe(BigInt.asUintN(64, wide));
      expect(reader.fixed32()).toBe(narrow);
      expect(reader.int64()).toBe(BigInt.asIntN(64, wide));
      expect(reader.tag()).toBe(0);
    }),
    runs(1000),
  );
});

test('texts of every length and script come back as they were written', () => {
  fc.assert(
    fc.property(fc.array(fc.string({ unit: 'grapheme', maxLength: 300 }), { maxLength: 5 }), (texts) => {
      const writer = new Writer(1);
      for (const text of texts) writer.string(text);
      const reader = new Reader(writer.finish());
      expect(texts.map(() => reader.string())).toEqual(texts);
    }),
    runs(500),
  );
});

test('messages of every size get the shortest length that fits', () => {
  for (const size of [0, 1, 127, 128, 16_383, 16_384, 3_000_000]) {
    const writer = new Writer(1);
    const start = writer.open(0x0a);
    writer.raw(Buffer.alloc(size, 7));
    writer.close(start);
    writer.varint(5);
    const reader = new Reader(writer.finish());
    expect(reader.tag()).toBe(0x0a);
    expect(reader.view().every((byte) => byte === 7)).toBe(true);
    expect(reader.varint()).toBe(5);
    expect(reader.pos).toBe(1 + Math.max(1, Math.ceil(Math.log2(size + 1) / 7)) + size + 1);
  }
});

test('a message that was entered ends where its length says', () => {
  const reader = new Reader(Buffer.of(0x0a, 2, 0x08, 1, 0x10, 3));
  reader.tag();
  const outer = reader.enter();
  expect([reader.tag(), reader.varint(), reader.tag()]).toEqual([0x08, 1, 0]);
  expect(() => reader.varint()).toThrow(new InvalidData('varint runs past the end (byte 4)'));
  reader.leave(outer);
  expect([reader.tag(), reader.varint(), reader.tag()]).toEqual([0x10, 3, 0]);
});

test.each([
  ['a varint cut off', (r: Reader) => r.varint(), [0x80], 'varint runs past the end (byte 0)'],
  [
    'a varint above 64 bits',
    (r: Reader) => r.uint64(),
    [...Array<number>(9).fill(0xff), 2],
    'varint is longer than 64 bits (byte 0)',
  ],
  ['a text cut off', (r: Reader) => r.string(), [3, 0x61], 'length 3 runs past the end (byte 0)'],
  ['a double cut off', (r: Reader) => r.double(), [1, 2, 3], '8 bytes run past the end (byte 0)'],
  ['a message cut off', (r: Reader) => r.enter(), [9], 'length 9 runs past the end (byte 0)'],
  ['a group', (r: Reader) => r.skip(r.tag()), [0x0b], 'wire type 3 is not supported (byte 1)'],
  ['field number 0', (r: Reader) => r.tag(), [0x05], '5 is not a field (byte 0)'],
])('%s is refused', (_, read, bytes, message) => {
  expect(() => read(new Reader(Buffer.from([...bytes, 0x7f]), 0, bytes.length))).toThrow(
    new InvalidData(message),
  );
});

test('batches of different signals are not put together', () => {
  const batch = { signal: 'traces', bytes: new Uint8Array(), items: 0 } as const;
  expect(concatBatches([batch])).toBe(batch);
  expect(() => concatBatches([batch, { ...batch, signal: 'logs' }])).toThrow(TypeError);
  expect(() => concatBatches([])).toThrow(RangeError);
});
