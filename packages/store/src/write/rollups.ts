import { edgeKinds } from '../edge-kinds.ts';
import { Block } from './block.ts';
import { bucketOf } from '../duration-buckets.ts';
import { ArrayColumn, DictionaryColumn, FixedColumn, TupleColumn } from './native-columns.ts';
import { WordTable } from './word-table.ts';
import { minuteOfSlot, slotNanos } from '../slots.ts';

/** In the place of a duration: there is none. */
export const untimed = -1;

/** Sums of calls, errors and durations under keys that are numbers from 0. */
class Tally {
  readonly #cells = new WordTable(2);
  #counts = new Int32Array(1024);
  #calls = new Int32Array(256);
  #errors = new Int32Array(256);

  /** Hot: once per span. `times` -1 takes back what was added, here or in an earlier block. */
  add(key: number, error: boolean, nanos: number, times = 1): void {
    if (key >= this.#calls.length) {
      this.#calls = larger(this.#calls, key);
      this.#errors = larger(this.#errors, key);
    }
    this.#calls[key]! += times;
    if (error) this.#errors[key]! += times;
    if (nanos === untimed) return;
    const cell = this.#cells.id(key, bucketOf(nanos));
    if (cell >= this.#counts.length) this.#counts = larger(this.#counts, cell);
    this.#counts[cell]! += times;
  }

  calls(key: number): number {
    return this.#calls[key] ?? 0;
  }

  errors(key: number): number {
    return this.#errors[key] ?? 0;
  }

  /** The histograms of the first `keys` keys, as [bucket, count] pairs in the order of the buckets. */
  histograms(keys: number): Histogram[] {
    if (this.#cells.size === 0) return [];
    const byKey: [number, number][][] = Array.from({ length: keys }, () => []);
    for (let cell = 0; cell < this.#cells.size; cell++)
      if (this.#counts[cell] !== 0)
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
function larger(array: Int32Array, index: number): Int32Array<ArrayBuffer> {
  const copy = new Int32Array(2 ** Math.ceil(Math.log2(index + 2)));
  copy.set(array);
  return copy;
}

/** [bucket, count] pairs in the order of the buckets. */
type Histogram = readonly (readonly [number, number])[];

const none: Histogram = [];

function histogramColumn() {
  return new TupleColumn(
    new ArrayColumn(new FixedColumn('UInt16', 2)),
    new ArrayColumn(new FixedColumn('UInt64', 8)),
  );
}

function writeHistogram(column: TupleColumn, histogram: Histogram): void {
  const [numbers, counts] = column.items as [ArrayColumn<FixedColumn>, ArrayColumn<FixedColumn>];
  for (const [bucket, count] of histogram) {
    numbers.items.uint16(bucket);
    writeCount(counts.items, count);
  }
  numbers.end(histogram.length);
  counts.end(histogram.length);
}

/** Below zero modulo 2^64: sums come out right all the same. */
function writeCount(column: FixedColumn, count: number): void {
  column.uint64(count, count >> 31);
}

function tallyColumns() {
  return {
    received: new FixedColumn("DateTime('UTC')", 4),
    calls: new FixedColumn('UInt64', 8),
    errors: new FixedColumn('UInt64', 8),
    buckets: histogramColumn(),
  };
}

function writeTally(
  columns: ReturnType<typeof tallyColumns>,
  tally: Tally,
  key: number,
  histogram: Histogram,
  received: number,
): void {
  columns.received.uint32(received);
  writeCount(columns.calls, tally.calls(key));
  writeCount(columns.errors, tally.errors(key));
  writeHistogram(columns.buckets, histogram);
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
    const histograms = this.#tally.histograms(this.#keys.size);
    for (let key = 0; key < this.#keys.size; key++) {
      const operation = this.#keys.word(key, 0);
      const serviceAndKind = this.#operations.word(operation, 1);
      this.#columns.minute.uint32(this.#keys.word(key, 1));
      this.#columns.service.text(serviceOf(serviceAndKind >>> 3));
      this.#columns.name.text(nameOf(this.#operations.word(operation, 0)));
      this.#columns.kind.uint8(serviceAndKind & 7);
      writeTally(this.#columns, this.#tally, key, histograms[key]!, received);
    }
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

/** A column of names that are given by number, of which each is looked up once. */
class NamedColumn {
  readonly #column: DictionaryColumn;
  readonly #nameOf: (id: number) => string;
  readonly #known = new Map<number, number>();

  constructor(column: DictionaryColumn, nameOf: (id: number) => string) {
    this.#column = column;
    this.#nameOf = nameOf;
  }

  push(id: number): void {
    let inDictionary = this.#known.get(id);
    if (inDictionary === undefined) {
      const bytes = Buffer.from(this.#nameOf(id));
      inDictionary = this.#column.dictionary.id(bytes, 0, bytes.length);
      this.#known.set(id, inDictionary);
    }
    this.#column.push(inDictionary);
  }
}

const places = 1024;

/** Calls and messages from node to node per minute. */
export class EdgeRollup {
  readonly #pairs = new WordTable(2);
  readonly #keys = new WordTable(2);
  readonly #tally = new Tally();
  readonly #lags = new Tally();
  /** Keys asked for lately, by a rough hash: caller and kind, callee, minute, key. */
  readonly #recent = new Int32Array(places * 4).fill(-1);
  readonly #columns = {
    minute: new FixedColumn('UInt32', 4),
    caller: new DictionaryColumn(),
    callee: new DictionaryColumn(),
    kind: new FixedColumn('UInt8', 1),
    ...tallyColumns(),
    lags: histogramColumn(),
  };
  readonly block = new Block(this.#columns);

  /**
   * Hot: up to once per span. `kind` of `edgeKinds`; `start` in nanoseconds since 1970; `times` -1 takes back what was
   * added, here or in an earlier block.
   */
  add(
    kind: number,
    start: number,
    caller: number,
    callee: number,
    error: boolean,
    nanos: number,
    times = 1,
  ): void {
    this.#tally.add(this.#key(kind, start, caller, callee), error, nanos, times);
  }

  /** How long a message waited between producer and consumer. */
  addLag(kind: number, start: number, caller: number, callee: number, nanos: number): void {
    this.#lags.add(this.#key(kind, start, caller, callee), false, nanos);
  }

  /** That a peer is this service; that counts once. */
  addAlias(start: number, peer: number, service: number): void {
    const key = this.#key(edgeKinds.alias, start, peer, service);
    if (this.#tally.calls(key) === 0) this.#tally.add(key, false, untimed);
  }

  #key(kind: number, start: number, caller: number, callee: number): number {
    const minute = minuteOfSlot(Math.floor(start / slotNanos));
    const callerAndKind = caller | (kind << 24);
    const place = (caller * 31 + callee * 7 + kind) & (places - 1);
    const recent = this.#recent;
    const at = place * 4;
    if (recent[at] === callerAndKind && recent[at + 1] === callee && recent[at + 2] === minute)
      return recent[at + 3]!;
    const key = this.#keys.id(this.#pairs.id(callerAndKind, callee), minute);
    recent[at] = callerAndKind;
    recent[at + 1] = callee;
    recent[at + 2] = minute;
    recent[at + 3] = key;
    return key;
  }

  /** Fills the block. */
  finish(nameOf: (id: number) => string, received: number): void {
    const histograms = this.#tally.histograms(this.#keys.size);
    const lags = this.#lags.histograms(this.#keys.size);
    const callers = new NamedColumn(this.#columns.caller, nameOf);
    const callees = new NamedColumn(this.#columns.callee, nameOf);
    for (let key = 0; key < this.#keys.size; key++) {
      const [durations, waits] = [histograms[key] ?? none, lags[key] ?? none];
      // Taken back again.
      if (this.#tally.calls(key) === 0 && durations.length === 0 && waits.length === 0) continue;
      const pair = this.#keys.word(key, 0);
      const callerAndKind = this.#pairs.word(pair, 0);
      this.#columns.minute.uint32(this.#keys.word(key, 1));
      callers.push(callerAndKind & 0xff_ffff);
      callees.push(this.#pairs.word(pair, 1));
      this.#columns.kind.uint8(callerAndKind >>> 24);
      writeTally(this.#columns, this.#tally, key, durations, received);
      writeHistogram(this.#columns.lags, waits);
      this.block.rows++;
    }
  }

  clear(): void {
    this.#pairs.clear();
    this.#keys.clear();
    this.#tally.clear();
    this.#lags.clear();
    this.#recent.fill(-1);
    this.block.clear();
  }
}
