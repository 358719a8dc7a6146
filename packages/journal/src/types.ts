/**
 * A byte offset into the endless journal: position 0 is its first byte ever, and positions only grow.
 * Exact up to 2^53 bytes.
 */
export type Position = number;

export interface JournalRecord {
  /** Where the record begins. */
  readonly position: Position;
  /** Where the next one begins. */
  readonly next: Position;
  /** What the writer said of it: number of spans or log records. */
  readonly items: number;
  readonly payload: Uint8Array;
}
