import { Block } from './block.ts';
import { bucketOf } from './durations.ts';
import { ArrayColumn, DictionaryColumn, FixedColumn, TupleColumn } from './native-columns.ts';
import { WordTable } from './word-table.ts';

/** Sums of calls, errors and durations under keys that are numbers from 0. */
class Tally {
  readonly #buckets = new WordTable(2);
  #bucketCounts: number[] = [];
  calls: number[] = [];
  errors: number[] = [];

  add(key: number, error: boolean, nanos: number): void {
    this.calls[key] = (this.calls[key] ?? 0) + 1;
    this.errors[key] = (this.errors[key] ?? 0) + (error ? 1 : 0);
    const bucket = this.#buckets.id(key, bucketOf(nanos));
    this.#bucketCounts[bucket] = (this.#bucketCounts[bucket] ?? 0) + 1;
  }

  /** The histogram of each key, as [bucket, count] pairs in the order of the buckets. */
  histograms(): [number, number][][] {
    const byKey: [number, number][][] = this.calls.map(() => []);
    for (let id = 0; id < this.#buckets.size; id++)
      byKey[this.#buckets.word(id, 0)]!.push([this.#buckets.word(id, 1), this.#bucketCounts[id]!]);
    for (const pairs of byKey) pairs.sort((a, b) => a[0] - b[0]);
    return byKey;
  }

  clear(): void {
    this.#buckets.clear();
    this.#bucketCounts = [];
    this.calls = [];
    this.errors = [];
  }
}

function tallyColumns() {
  return {
    received: new FixedColumn("DateTime('UTC')", 4),
    calls: new FixedColumn('UInt64', 8),
    errors: new FixedColumn('UInt64', 8),
    buckets: new TupleColumn(
      new ArrayColumn(new FixedColumn('UInt16', 2)),
      new ArrayColumn(new FixedColumn('UInt64', 8)),
    ),
  };
}

function writeTally(columns: ReturnType<typeof tallyColumns>, tally: Tally, received: number): void {
  const [numbers, counts] = columns.buckets.items as [ArrayColumn<FixedColumn>, ArrayColumn<FixedColumn>];
  tally.histograms().forEach((histogram, key) => {
    columns.received.uint32(received);
    columns.calls.uint64(tally.calls[key]!, 0);
    columns.errors.uint64(tally.errors[key]!, 0);
    for (const [bucket, count] of histogram) {
      numbers.items.uint16(bucket);
      counts.items.uint64(count, 0);
    }
    numbers.end(histogram.length);
    counts.end(histogram.length);
  });
}

/** Rate, errors and durations per minute, service, operation and kind. */
export class RedRollup {
  readonly #operations = new WordTable(2);
  readonly #keys = new WordTable(2);
  readonly #tally = new Tally();
  readonly #columns = {
    minute: new FixedColumn('UInt32', 4),
    service: new DictionaryColumn(),
    name: new DictionaryColumn(),
    kind: new FixedColumn('UInt8', 1),
    ...tallyColumns(),
  };
  readonly block = new Block(this.#columns);

  /** Hot: once per span. `service` and `name` are numbers of the span block's dictionaries. */
  add(minute: number, service: number, name: number, kind: number, error: boolean, nanos: number): void {
    const operation = this.#operations.id(name, service * 8 + kind);
    this.#tally.add(this.#keys.id(operation, minute), error, nanos);
  }

  /** Fills the block. */
  finish(serviceOf: (id: number) => string, nameOf: (id: number) => string, received: number): void {
    for (let key = 0; key < this.#keys.size; key++) {
      const operation = this.#keys.word(key, 0);
      const serviceAndKind = this.#operations.word(operation, 1);
      this.#columns.minute.uint32(this.#keys.word(key, 1));
      this.#columns.service.text(serviceOf(serviceAndKind >>> 3));
      this.#columns.name.text(nameOf(this.#operations.word(operation, 0)));
      this.#columns.kind.uint8(serviceAndKind & 7);
    }
    writeTally(this.#columns, this.#tally, received);
    this.block.rows = this.#keys.size;
  }

  clear(): void {
    this.#operations.clear();
    this.#keys.clear();
    this.#tally.clear();
    this.block.clear();
  }
}

/** Calls from service to service per minute. */
export class EdgeRollup {
  readonly #pairs = new WordTable(2);
  readonly #keys = new WordTable(2);
  readonly #tally = new Tally();
  readonly #columns = {
    minute: new FixedColumn('UInt32', 4),
    caller: new DictionaryColumn(),
    callee: new DictionaryColumn(),
    ...tallyColumns(),
  };
  readonly block = new Block(this.#columns);

  add(minute: number, caller: number, callee: number, error: boolean, nanos: number): void {
    this.#tally.add(this.#keys.id(this.#pairs.id(caller, callee), minute), error, nanos);
  }

  finish(serviceOf: (id: number) => string, received: number): void {
    for (let key = 0; key < this.#keys.size; key++) {
      const pair = this.#keys.word(key, 0);
      this.#columns.minute.uint32(this.#keys.word(key, 1));
      this.#columns.caller.text(serviceOf(this.#pairs.word(pair, 0)));
      this.#columns.callee.text(serviceOf(this.#pairs.word(pair, 1)));
    }
    writeTally(this.#columns, this.#tally, received);
    this.block.rows = this.#keys.size;
  }

  clear(): void {
    this.#pairs.clear();
    this.#keys.clear();
    this.#tally.clear();
    this.block.clear();
  }
}
