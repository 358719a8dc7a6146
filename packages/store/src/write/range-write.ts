import type { Batch, Signal } from '@throughline/wire';
import type { Engine } from '../engine/engine.ts';
import type { Insert, Preparer } from './prepare.ts';

/** What a range of a journal is to the writer. */
export interface RangeToWrite {
  readonly signal: Signal;
  readonly token: string;
  /** Seconds since 1970; the same each time the range is written. */
  readonly received: number;
  /** OTLP bytes that one insert may hold; the same each time too. */
  readonly maxInsertBytes: number;
}

/**
 * Writes one range: reads batches, prepares inserts, and prepares the next ones while the engine takes the last. When the
 * engine fails, what was prepared is kept, and `run` goes on where it stopped.
 */
export class RangeWrite {
  readonly range: RangeToWrite;
  readonly #batches: AsyncIterator<Batch>;
  readonly #preparer: Preparer;
  readonly #onPrepared: () => void;
  #prepared: Insert[] = [];
  #parts = 0;
  #ended = false;

  /** `prepared` is called when nobody looks any more at the batches taken so far. */
  constructor(
    range: RangeToWrite,
    batches: AsyncIterator<Batch>,
    preparer: Preparer,
    prepared: () => void = () => {},
  ) {
    this.#onPrepared = prepared;
    this.range = range;
    this.#batches = batches;
    this.#preparer = preparer;
  }

  /** Resolves when everything of the range is stored. */
  async run(engine: Engine): Promise<void> {
    while (!this.#ended || this.#prepared.length > 0) {
      const inserts = this.#prepared;
      this.#prepared = [];
      const [inserted] = await Promise.allSettled([insertAll(engine, inserts), this.#prepare()]);
      if (inserted.status === 'fulfilled') continue;
      this.#prepared = [...inserts, ...this.#prepared];
      throw inserted.reason;
    }
  }

  async #prepare(): Promise<void> {
    if (this.#ended) return;
    const { signal, ...range } = this.range;
    const { inserts, ended } = await this.#preparer.next(signal, this.#batches, {
      ...range,
      part: this.#parts++,
    });
    this.#onPrepared();
    this.#prepared = inserts;
    this.#ended = ended;
  }
}

/** One after the other; those that are done are taken off the list. */
async function insertAll(engine: Engine, inserts: Insert[]): Promise<void> {
  while (inserts.length > 0) {
    const { table, block, token } = inserts[0]!;
    await engine.insert(table, block, token);
    inserts.shift();
  }
}
