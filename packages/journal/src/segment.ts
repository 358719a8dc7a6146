import { segmentHeaderBytes } from './format.ts';
import type { Position } from './types.ts';

/** One segment file and where its records begin, in memory: 8 bytes for each record once it is sealed. */
export class Segment {
  readonly path: string;
  readonly base: Position;
  /** Where the next record of this segment would begin. */
  end: Position;
  /** Bytes of the file. */
  fileBytes: number;
  #starts: number[] | Uint32Array = [];
  #items: number[] | Uint32Array = [];

  constructor(path: string, base: Position) {
    this.path = path;
    this.base = base;
    this.end = base;
    this.fileBytes = segmentHeaderBytes;
  }

  get records(): number {
    return this.#starts.length;
  }

  add(position: Position, next: Position, items: number): void {
    (this.#starts as number[]).push(position - this.base);
    (this.#items as number[]).push(items);
    this.end = next;
    this.fileBytes = segmentHeaderBytes + next - this.base;
  }

  /** No record will be added any more. */
  seal(): void {
    this.#starts = Uint32Array.from(this.#starts);
    this.#items = Uint32Array.from(this.#items);
  }

  positionOf(index: number): Position {
    return this.base + this.#starts[index]!;
  }

  itemsOf(index: number): number {
    return this.#items[index]!;
  }

  /** Index of the first record that begins at or after the position; `records` if there is none. */
  indexFrom(position: Position): number {
    let low = 0;
    let high = this.#starts.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.#starts[middle]! < position - this.base) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}

/** Index of the segment that the position belongs to: the last one that begins at or before it; 0 if none does. */
function segmentAt(segments: readonly Segment[], position: Position): number {
  let low = 0;
  let high = segments.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (segments[middle]!.base <= position) low = middle + 1;
    else high = middle;
  }
  return Math.max(0, low - 1);
}

/**
 * Goes over all records that begin at or after `from`, in order, until `visit` says false. `next` is where the record
 * after it begins, in this segment or the next one.
 */
export function visitFrom(
  segments: readonly Segment[],
  from: Position,
  visit: (position: Position, next: Position, items: number) => boolean,
): void {
  for (let at = segmentAt(segments, from); at < segments.length; at++) {
    const segment = segments[at]!;
    const end = segments[at + 1]?.base ?? segment.end;
    for (let index = segment.indexFrom(from); index < segment.records; index++) {
      const next = index + 1 < segment.records ? segment.positionOf(index + 1) : end;
      if (!visit(segment.positionOf(index), next, segment.itemsOf(index))) return;
    }
  }
}
