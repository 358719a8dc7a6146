import { Block } from './block.ts';
import { bucketOf } from '../duration-buckets.ts';
import { ArrayColumn, DictionaryColumn, FixedColumn, TupleColumn } from './native-columns.ts';
import { WordTable } from './word-table.ts';

/** Sums of calls, errors and durations under keys that are numbers from 0. */
class Tally {
  readonly #cells = new WordTable(2);
  #counts = new Uint32Array(1024);
  #calls = new Uint32Array(256);
  #errors = new Uint32Array(256);

  /** Hot: once per span. */
  add(key: number, error: boolean, nanos: number): void {
    if (key >= this.#calls.length) {
      this.#calls = larger(this.#calls, key);
      this.#errors = larger(this.#errors, key);
    }
    this.#calls[key]!++;
    if (error) this.#errors[key]!++;
    const cell = this.#cells.id(key, bucketOf(nanos));
    if (cell >= this.#counts.length) this.#counts = larger(this.#counts, cell);
    this.#counts[cell]!++;
  }

  calls(key: number): number {
    return this.#calls[key]!;
  }

  errors(key: number): number {
    return this.#errors[key]!;
  }

  /** The histograms of the first `keys` keys, as [bucket, count] pairs in the order of the buckets. */
  histograms(keys: number): [number, number][][] {
    const byKey: [number, number][][] = Array.from({ length: keys }, () => []);
    for (let cell = 0; cell < this.#cells.size; cell++)
      byKey[this.#cells.word(cell, 0)]!.push([this.#cells.word(cell, 1), this.#counts[cell]!]);
    for (const pairs of byKey) pairs.sort((a, b) => a[0] - b[0]);
    return byKey;
  }

  clear(): void {
    this.#cells.clear();
    this.#counts.fill(0);
    this.#calls.fill(0);
    this.#errors.fill(0);
  }
}

/** A copy with room for `index`. */
function larger(array: Uint32Array, index: number): Uint32Array<ArrayBuffer> {
  const copy = new Uint32Array(2 ** Math.ceil(Math.log2(index + 2)));
  copy.set(array);
  return copy;
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

function writeTally(
  columns: ReturnType<typeof tallyColumns>,
  tally: Tally,
  keys: number,
  received: number,
): void {
  const [numbers, counts] = columns.buckets.items as [ArrayColumn<FixedColumn>, ArrayColumn<FixedColumn>];
  tally.histograms(keys).forEach((histogram, key) => {
    columns.received.uint32(received);
    columns.calls.uint64(tally.calls(key), 0);
    columns.errors.uint64(tally.errors(key), 0);
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
  /** Of each name, what it was counted under last: mostly that is it again. */
  #lastSource = new Int32Array(256).fill(-1);
  #lastMinute = new Int32Array(256);
  #lastKey = new Int32Array(256);
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
    if (name >= this.#lastSource.length) this.#grow(name);
    const source = service * 8 + kind;
    if (this.#lastSource[name] !== source || this.#lastMinute[name] !== minute) {
      this.#lastSource[name] = source;
      this.#lastMinute[name] = minute;
      this.#lastKey[name] = this.#keys.id(this.#operations.id(name, source), minute);
    }
    this.#tally.add(this.#lastKey[name]!, error, nanos);
  }

  #grow(name: number): void {
    const size = 2 ** Math.ceil(Math.log2(name + 1));
    const [source, minute, key] = [this.#lastSource, this.#lastMinute, this.#lastKey];
    this.#lastSource = new Int32Array(size).fill(-1);
    this.#lastSource.set(source);
    this.#lastMinute = new Int32Array(size);
    this.#lastMinute.set(minute);
    this.#lastKey = new Int32Array(size);
    this.#lastKey.set(key);
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
    writeTally(this.#columns, this.#tally, this.#keys.size, received);
    this.block.rows = this.#keys.size;
  }

  clear(): void {
    this.#operations.clear();
    this.#keys.clear();
    this.#tally.clear();
    this.#lastSource.fill(-1);
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
    writeTally(this.#columns, this.#tally, this.#keys.size, received);
    this.block.rows = this.#keys.size;
  }

  clear(): void {
    this.#pairs.clear();
    this.#keys.clear();
    this.#tally.clear();
    this.block.clear();
  }
}
