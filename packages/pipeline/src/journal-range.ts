import type { Batch, Signal } from '@throughline/wire';
import type { Position } from '@throughline/journal';

/**
 * A piece of one pipeline's journal that an exporter is asked to deliver. The same range is asked for again, byte for
 * byte, until it has been delivered, also after a crash: `token` names it, and serves as a deduplication token.
 */
export interface JournalRange {
  readonly signal: Signal;
  /** The journal's folder, for whoever reads the range in another thread. */
  readonly directory: string;
  readonly from: Position;
  readonly to: Position;
  readonly items: number;
  /** Differs between journals and between ranges, and stays the same over restarts. */
  readonly token: string;
  /** The batches in order. */
  batches(): AsyncIterable<Batch>;
  /** Aborted when the program stops. */
  readonly abort: AbortSignal;
}
