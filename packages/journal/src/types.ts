/**
 * A byte offset into the endless journal: position 0 is its first byte ever, and positions only grow.
 * Exact up to 2^53 bytes.
 */
export type Position = number;

export interface JournalRecord {
  /** Where the record begins. */
  readonly position: Position;
  /** Where it ends; the next record begins here, or later if bytes between them are damaged. */
  readonly next: Position;
  /** What the writer said of it: number of spans or log records. */
  readonly items: number;
  readonly payload: Uint8Array;
}

/** A stretch of the journal that cannot be read any more, and what is known of it. */
export interface Damage {
  readonly from: Position;
  readonly to: Position;
  /** Records in it whose header could still be read; there may have been more. */
  readonly records: number;
  /** Items in those records. */
  readonly items: number;
  readonly reason: 'header' | 'payload' | 'missing';
}

/** A stretch of the journal that begins and ends at record boundaries. */
export interface Range {
  readonly from: Position;
  readonly to: Position;
  readonly records: number;
  readonly items: number;
}
