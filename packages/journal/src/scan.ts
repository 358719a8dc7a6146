import { readSync } from 'node:fs';
import {
  markerBytes,
  parseRecordHeader,
  payloadCheck,
  recordHeaderBytes,
  segmentHeaderBytes,
  type RecordHeader,
  type Seed,
} from './format.ts';
import type { Damage, Position } from './types.ts';

/** The record bytes of one segment file: those at positions from `base` to before `to`. */
export interface Extent {
  readonly fd: number;
  readonly base: Position;
  readonly to: Position;
  readonly seed: Seed;
}

export type Found =
  | {
      readonly damage?: undefined;
      readonly position: Position;
      readonly next: Position;
      readonly items: number;
    }
  | { readonly damage: Damage };

/**
 * Walks over the records of a segment, from header to header, and over damage. With `wholly` payloads are checked too.
 * Reads synchronously: for opening a journal, before anything else runs.
 */
export function* scan(extent: Extent, wholly: boolean): Generator<Found> {
  const headers = new Headers(extent);
  let position = extent.base;
  while (position < extent.to) {
    const header = headers.at(position);
    const next = position + recordHeaderBytes + (header?.length ?? 0);
    if (header === undefined || next > extent.to) {
      const damage = damageAt(position, header, extent);
      yield { damage };
      position = damage.to;
      continue;
    }
    if (wholly && checkOf(extent, position + recordHeaderBytes, header.length) !== header.payloadCheck) {
      yield { damage: { from: position, to: next, records: 1, items: header.items, reason: 'payload' } };
    } else {
      yield { position, next, items: header.items };
    }
    position = next;
  }
}

/** The damage that begins here: there is no header, or one of a record that is cut off. */
export function damageAt(position: Position, header: RecordHeader | undefined, extent: Extent): Damage {
  const to = findHeader(extent, position + 1);
  if (header === undefined) return { from: position, to, records: 0, items: 0, reason: 'header' };
  return { from: position, to, records: 1, items: header.items, reason: 'payload' };
}

/**
 * The position of the first record header at or after `from`, or the end of the extent. Safe, because a header's check
 * covers its position and the journal's id: nothing inside a payload passes for one.
 */
function findHeader(extent: Extent, from: Position): Position {
  const window = Buffer.allocUnsafe(1 << 20);
  let position = from;
  while (position + recordHeaderBytes <= extent.to) {
    const filled = read(extent, window, position);
    if (filled < recordHeaderBytes) break;
    const inside = window.subarray(0, filled);
    let at = inside.indexOf(markerBytes);
    while (at !== -1 && at + recordHeaderBytes <= filled) {
      const header = parseRecordHeader(inside, at, position + at, extent.seed);
      if (header !== undefined && position + at + recordHeaderBytes + header.length <= extent.to)
        return position + at;
      at = inside.indexOf(markerBytes, at + 1);
    }
    position += filled - recordHeaderBytes + 1;
  }
  return extent.to;
}

function checkOf(extent: Extent, from: Position, length: number): number {
  const window = Buffer.allocUnsafe(Math.min(length, 1 << 20));
  let check = 0;
  for (let done = 0; done < length;) {
    const filled = read(extent, window.subarray(0, Math.min(window.length, length - done)), from + done);
    if (filled === 0) return Number.NaN;
    check = payloadCheck(window.subarray(0, filled), check);
    done += filled;
  }
  return check;
}

function read(extent: Extent, into: Buffer, position: Position): number {
  const wanted = Math.min(into.length, extent.to - position);
  return readSync(extent.fd, into, 0, wanted, segmentHeaderBytes + position - extent.base);
}

const smallestWindow = 4096;
const largestWindow = 1 << 20;

/** Reads record headers: little where records are large, in large pieces where they are small. */
class Headers {
  readonly #extent: Extent;
  readonly #buffer = Buffer.allocUnsafe(largestWindow);
  #from: Position = 0;
  #to: Position = 0;
  #size = smallestWindow;

  constructor(extent: Extent) {
    this.#extent = extent;
  }

  at(position: Position) {
    if (position < this.#from || position + recordHeaderBytes > this.#to) this.#load(position);
    if (position + recordHeaderBytes > this.#to) return undefined;
    return parseRecordHeader(this.#buffer, position - this.#from, position, this.#extent.seed);
  }

  #load(position: Position): void {
    const near = position < this.#to + this.#size;
    this.#size = near ? Math.min(this.#size * 2, largestWindow) : smallestWindow;
    this.#from = position;
    this.#to = position + read(this.#extent, this.#buffer.subarray(0, this.#size), position);
  }
}
