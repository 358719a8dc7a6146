import { crc32 } from 'node:zlib';
import type { Position } from './types.ts';

/*
 * A segment file, all numbers little-endian. Its name is the position of its first record as 16 decimal digits.
 *
 *   header   0 magic 'TLJR' | 4 version u32 | 8 first position u64 | 16 journal id, 8 bytes | 24 zero u32 | 28 check u32
 *   records  0 marker u32 | 4 length u32 | 8 items u32 | 12 check of the payload u32 | 16 check of the header u32 | payload
 *
 * Positions count the bytes of records only, so that one segment ends where the next begins. Checks are CRC-32 (of zlib:
 * node:zlib computes it at 7 GB/s, a table in JavaScript at 2). The check of a record's header also covers its position
 * and the journal's id: bytes of an older file, or of a payload that happens to hold journal bytes, are never a record.
 */
export const segmentHeaderBytes = 32;
export const recordHeaderBytes = 20;
export const formatVersion = 1;
/** Larger payloads are refused; a larger length in a header is damage. */
export const maxPayloadBytes = 2 ** 30;

const magic = 0x524a4c54;
const marker = 0x9ed1a7c5;
export const markerBytes = Buffer.from(Uint32Array.of(marker).buffer);

/** What the checks of one journal's records begin with. */
export type Seed = number & { readonly __brand: 'Seed' };

export function seedOf(id: string): Seed {
  return crc32(id) as Seed;
}

export function segmentName(base: Position): string {
  return `${String(base).padStart(16, '0')}.segment`;
}

/** The position in a segment's file name, or undefined for other files. */
export function baseOf(fileName: string): Position | undefined {
  const match = /^(\d{16})\.segment$/.exec(fileName);
  const base = match ? Number(match[1]) : Number.NaN;
  return Number.isSafeInteger(base) ? base : undefined;
}

export function segmentHeader(base: Position, id: string): Buffer {
  const header = Buffer.alloc(segmentHeaderBytes);
  header.writeUInt32LE(magic, 0);
  header.writeUInt32LE(formatVersion, 4);
  header.writeBigUInt64LE(BigInt(base), 8);
  header.write(id, 16, 8, 'hex');
  header.writeUInt32LE(crc32(header.subarray(0, 28)), 28);
  return header;
}

export interface SegmentHeader {
  readonly version: number;
  readonly base: Position;
  readonly id: string;
}

/** What a segment's first bytes say, or undefined when they are damaged. */
export function parseSegmentHeader(header: Buffer): SegmentHeader | undefined {
  if (header.length < segmentHeaderBytes || header.readUInt32LE(0) !== magic) return undefined;
  if (header.readUInt32LE(28) !== crc32(header.subarray(0, 28))) return undefined;
  const base = Number(header.readBigUInt64LE(8));
  return { version: header.readUInt32LE(4), base, id: header.toString('hex', 16, 24) };
}

export interface RecordHeader {
  /** Of the payload alone. */
  readonly length: number;
  readonly items: number;
  readonly payloadCheck: number;
}

export function writeRecordHeader(
  target: Buffer,
  at: number,
  header: RecordHeader,
  position: Position,
  seed: Seed,
): void {
  target.writeUInt32LE(marker, at);
  target.writeUInt32LE(header.length, at + 4);
  target.writeUInt32LE(header.items, at + 8);
  target.writeUInt32LE(header.payloadCheck, at + 12);
  target.writeUInt32LE(headerCheck(target, at, position, seed), at + 16);
}

/** The record header at `at`, or undefined when there is none for this position of this journal. */
export function parseRecordHeader(
  source: Buffer,
  at: number,
  position: Position,
  seed: Seed,
): RecordHeader | undefined {
  if (source.readUInt32LE(at) !== marker) return undefined;
  const length = source.readUInt32LE(at + 4);
  if (length > maxPayloadBytes) return undefined;
  if (source.readUInt32LE(at + 16) !== headerCheck(source, at, position, seed)) return undefined;
  return { length, items: source.readUInt32LE(at + 8), payloadCheck: source.readUInt32LE(at + 12) };
}

export function payloadCheck(payload: Uint8Array, before = 0): number {
  return crc32(payload, before);
}

const scratch = Buffer.alloc(24);

function headerCheck(source: Buffer, at: number, position: Position, seed: Seed): number {
  source.copy(scratch, 0, at, at + 16);
  scratch.writeUInt32LE(position % 0x1_0000_0000, 16);
  scratch.writeUInt32LE(Math.floor(position / 0x1_0000_0000), 20);
  return crc32(scratch, seed);
}
