import type { Batch, Signal } from '@throughline/wire';

/** The way into the store that received data takes too, for what is imported. */
export interface Intake {
  /** Whether anything here stores the signal. */
  keeps(signal: Signal): boolean;
  /**
   * Resolves when a crash can no longer lose the batch. Rejects with Overloaded while there is no room for it, and with
   * InvalidData when it will never be taken.
   */
  take(batch: Batch): Promise<void>;
  /** Resolves when all that was taken is stored: true; false where that takes longer. */
  stored(withinMs: number): Promise<boolean>;
}
