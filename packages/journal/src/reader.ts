import { closeSync, fstatSync, open, read } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import {
  baseOf,
  parseRecordHeader,
  payloadCheck,
  recordHeaderBytes,
  segmentHeaderBytes,
  segmentName,
  seedOf,
} from './format.ts';
import { readId } from './identity.ts';
import { damageAt, type Extent } from './scan.ts';
import type { Damage, JournalRecord, Position } from './types.ts';

export interface ReadOptions {
  /** Bytes read at once; default 4 MiB. */
  readonly chunkBytes?: number;
  /** Told of every stretch that is skipped because it cannot be read. Without it they are process warnings. */
  readonly damaged?: (damage: Damage) => void;
  /** Makes the buffer of so many bytes that is read into. Whoever gives one decides when it is used again. */
  readonly allocate?: (bytes: number) => Buffer;
}

/**
 * The records that begin in [from, to), in order, read from the journal's folder: works in any thread or process while
 * the journal is written, for positions up to its `end`. Payloads are views of the buffers that the file is read into,
 * which are never used again (unless `allocate` does): they may be kept, but one that is kept holds a chunk (4 MiB) in
 * memory.
 * Damaged records are told of and skipped; a folder or file that cannot be read is an error.
 */
export async function* readRecords(
  directory: string,
  from: Position,
  to: Position,
  options: ReadOptions = {},
): AsyncGenerator<JournalRecord, void, undefined> {
  const chunkBytes = options.chunkBytes ?? 4 * 2 ** 20;
  const damaged = options.damaged ?? warn;
  // Not from Node's pool: payloads are views of it, and are kept as long as their receiver likes.
  const allocate = options.allocate ?? ((bytes) => Buffer.allocUnsafeSlow(bytes));
  const bases = await segmentBases(directory);
  const seed = seedOf(readId(directory, bases) ?? '');
  let position = from;
  let bytes = chunkBytes;
  for (const [index, base] of bases.entries()) {
    const end = Math.min(to, bases[index + 1] ?? Infinity);
    if (end <= position || base >= to) continue;
    if (base > position) damaged(missing(position, base));
    position = Math.max(position, base);
    const fd = await openFile(join(directory, segmentName(base)));
    try {
      const extent = { fd, base, to: Math.min(end, base + fstatSync(fd).size - segmentHeaderBytes), seed };
      while (position < extent.to) {
        const chunk = parse(await readChunk(extent, position, bytes, allocate), position, extent);
        for (const record of chunk.records) yield record;
        position = chunk.next;
        bytes = Math.max(chunkBytes, chunk.needed);
        if (chunk.damage === undefined) continue;
        damaged(chunk.damage);
        position = chunk.damage.to;
      }
      if (position < end) damaged(missing(position, end));
      position = end;
    } finally {
      closeSync(fd);
    }
  }
  if (position < to) damaged(missing(position, to));
}

interface Chunk {
  readonly records: readonly JournalRecord[];
  /** Where the first byte is that no record was made of. */
  readonly next: Position;
  /** Bytes that the record there has in all, as far as is known. */
  readonly needed: number;
  readonly damage?: Damage;
}

/** The whole records of a chunk, up to its end or the first damage. */
function parse(chunk: Buffer, from: Position, extent: Extent): Chunk {
  const records: JournalRecord[] = [];
  let at = 0;
  const stop = (needed: number, damage?: Damage): Chunk => {
    return { records, next: from + at, needed, ...(damage && { damage }) };
  };
  while (from + at < extent.to) {
    const position = from + at;
    const whole = position + recordHeaderBytes <= extent.to;
    if (whole && at + recordHeaderBytes > chunk.length) return stop(recordHeaderBytes);
    const header = whole ? parseRecordHeader(chunk, at, position, extent.seed) : undefined;
    const bytes = recordHeaderBytes + (header?.length ?? 0);
    if (header === undefined || position + bytes > extent.to) {
      return stop(0, damageAt(position, header, extent));
    }
    if (at + bytes > chunk.length) return stop(bytes);
    const payload = chunk.subarray(at + recordHeaderBytes, at + bytes);
    const next = position + bytes;
    if (payloadCheck(payload) !== header.payloadCheck) {
      return stop(0, { from: position, to: next, records: 1, items: header.items, reason: 'payload' });
    }
    records.push({ position, next, items: header.items, payload });
    at += bytes;
  }
  return stop(0);
}

async function segmentBases(directory: string): Promise<Position[]> {
  const bases = (await readdir(directory)).map(baseOf).filter((base) => base !== undefined);
  return bases.sort((a, b) => a - b);
}

function openFile(path: string): Promise<number> {
  return new Promise((resolve, reject) => {
    open(path, 'r', (error, fd) => (error ? reject(error) : resolve(fd)));
  });
}

/** Up to `bytes` bytes from the position on; fewer at the end of the extent. */
function readChunk(
  { fd, base, to }: Extent,
  position: Position,
  bytes: number,
  allocate: (bytes: number) => Buffer,
): Promise<Buffer> {
  const chunk = allocate(Math.min(bytes, to - position));
  return new Promise((resolve, reject) => {
    read(fd, chunk, 0, chunk.length, segmentHeaderBytes + position - base, (error, filled) => {
      if (error) reject(error);
      else if (filled === 0)
        reject(new Error(`the journal's file at ${base} became shorter while it was read`));
      else resolve(chunk.subarray(0, filled));
    });
  });
}

function missing(from: Position, to: Position): Damage {
  return { from, to, records: 0, items: 0, reason: 'missing' };
}

function warn({ from, to, records, items, reason }: Damage): void {
  process.emitWarning(
    `journal: ${to - from} bytes at ${from} cannot be read (${reason}; at least ${records} records, ${items} items)`,
    'JournalDamage',
  );
}
