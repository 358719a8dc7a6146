import type { Batch, Signal } from '@throughline/wire';
import type { NativeBlock } from '../engine/engine.ts';
import type { Block } from './block.ts';
import { LogBlock } from './log-block.ts';
import { SpanBlock } from './span-block.ts';

/** One insert that is ready to go. */
export interface Insert {
  readonly table: string;
  readonly block: NativeBlock;
  /** Undefined where writing the rows twice changes nothing. */
  readonly token: string | undefined;
}

/** Rows of the main table per insert: large blocks are several times cheaper for ClickHouse than small ones. */
const rowsPerInsert = 160_000;
/** OTLP bytes per insert, where the engine has the memory. */
export const bytesPerInsert = 128 * 2 ** 20;
/** After so many small inserts one after the other, the memory of a large one is given back. */
const smallInserts = 10;
const smallRows = 20_000;

/** Turns batches into inserts, one set for each 160,000 rows. Same batches, same token, same inserts. */
export class Preparer {
  readonly #spans = new SpanBlock();
  readonly #logs = new LogBlock();
  #smallInserts = 0;

  /**
   * Reads batches until an insert is full or they end. `received` (seconds since 1970) and `token` belong to the range
   * that the batches are of; `part` numbers the inserts of the range.
   */
  async next(
    signal: Signal,
    batches: AsyncIterator<Batch>,
    range: {
      readonly token: string;
      readonly received: number;
      readonly maxInsertBytes: number;
      readonly part: number;
    },
  ): Promise<{ inserts: Insert[]; ended: boolean }> {
    const into = signal === 'traces' ? this.#spans : this.#logs;
    let ended = false;
    while (into.count < rowsPerInsert && into.bytes < range.maxInsertBytes) {
      const { done, value } = await batches.next();
      if (done) {
        ended = true;
        break;
      }
      into.add(value.bytes, range.received);
    }
    into.finish();
    const inserts = this.#blocks(signal)
      .filter(([, block]) => block.rows > 0)
      .map(([table, block]) => ({
        table,
        block: block.native(),
        token: table === 'resources' || table === 'scopes' ? undefined : `${range.token}/${range.part}`,
      }));
    this.#smallInserts = into.count < smallRows ? this.#smallInserts + 1 : 0;
    if (this.#smallInserts === smallInserts) into.release();
    else into.clear();
    return { inserts, ended };
  }

  /** In the order in which they are inserted: what a span refers to before the span, what makes it findable after. */
  #blocks(signal: Signal): [string, Block][] {
    if (signal === 'logs')
      return [
        ['resources', this.#logs.resources.block],
        ['scopes', this.#logs.scopes.block],
        ['logs', this.#logs.logs],
        ['attribute_keys', this.#logs.keys.block],
      ];
    return [
      ['resources', this.#spans.resources.block],
      ['scopes', this.#spans.scopes.block],
      ['spans', this.#spans.spans],
      ['links', this.#spans.links.block],
      ['red', this.#spans.red.block],
      ['edges', this.#spans.edges.block],
      ['attribute_keys', this.#spans.keys.block],
      ['traces', this.#spans.traces.block],
    ];
  }
}
