import { readRecords, type Position, type ReadOptions } from '@throughline/journal';
import type { Batch, Signal } from '@throughline/wire';

/**
 * A piece of one pipeline's journal that an exporter is asked to deliver. The same range is asked for again, byte for
 * byte, until it has been delivered, also after a crash: `token` names it, and serves as a deduplication token.
 */
export interface JournalRange {
  readonly signal: Signal;
  /** The journal's folder, for whoever reads the range in another thread (readRange). */
  readonly directory: string;
  readonly from: Position;
  readonly to: Position;
  /** Spans or log records; more than nothing. */
  readonly items: number;
  /** Differs between journals and between ranges, and stays the same over restarts. */
  readonly token: string;
  /** When its delivery was first begun, milliseconds since 1970; the same over restarts. */
  readonly begunMs: number;
  /** The batches in order. May be asked for again. */
  batches(): AsyncIterable<Batch>;
  /** Aborted when the program stops: whoever rejects then is asked again after the next start. */
  readonly abort: AbortSignal;
}

/**
 * The batches of a range, read from the journal's folder, in any thread. The bytes of several batches may share one
 * buffer. `damaged` is told of records that the disk has spoilt; they are left out.
 */
export async function* readRange(
  directory: string,
  signal: Signal,
  from: Position,
  to: Position,
  options?: ReadOptions,
): AsyncGenerator<Batch, void, undefined> {
  for await (const { payload, items } of readRecords(directory, from, to, options))
    yield { signal, bytes: payload, items };
}
