import { copyBytes, GrowingBytes, writeVarint } from './bytes.ts';
import { Dictionary } from './dictionary.ts';

/**
 * Columns of ClickHouse's Native format, as its HTTP interface takes them (revision 0). Source: ClickHouse,
 * src/Formats/NativeWriter.cpp and src/DataTypes/Serializations.
 */
export interface Column {
  /** ClickHouse's name of the type. */
  readonly type: string;
  /** The state prefix of the type, written before all values. */
  prefix(out: Buffer[]): void;
  values(out: Buffer[]): void;
  readonly bytes: number;
  clear(): void;
  release(): void;
}

/** Values of a fixed number of bytes, little-endian: numbers, DateTime64, FixedString. */
export class FixedColumn implements Column {
  readonly type: string;
  readonly width: number;
  readonly data: GrowingBytes;
  constructor(type: string, width: number) {
    this.type = type;
    this.width = width;
    this.data = new GrowingBytes(width * 1024);
  }
  prefix(): void {}
  values(out: Buffer[]): void {
    if (this.data.length > 0) out.push(Buffer.from(this.data.written()));
  }
  get bytes(): number {
    return this.data.length;
  }
  clear(): void {
    this.data.clear();
  }
  release(): void {
    this.data.release();
  }
  /** The next value is `width` bytes of `from`. */
  copy(from: Uint8Array, start: number): void {
    const at = this.data.reserve(this.width);
    const to = this.data.bytes;
    for (let i = 0; i < this.width; i++) to[at + i] = from[start + i]!;
    this.data.length = at + this.width;
  }
  /** Zeros up to so many values. */
  padTo(rows: number): void {
    const missing = rows * this.width - this.data.length;
    if (missing <= 0) return;
    const at = this.data.reserve(missing);
    this.data.bytes.fill(0, at, at + missing);
    this.data.length = at + missing;
  }
  /** The last 8-byte value again, up to so many. */
  repeatTo(rows: number): void {
    let at = this.data.length;
    this.padTo(rows);
    const bytes = this.data.bytes;
    if (at > 0) for (; at < this.data.length; at++) bytes[at] = bytes[at - 8]!;
  }
  uint8(value: number): void {
    const at = this.data.reserve(1);
    this.data.bytes[at] = value;
    this.data.length = at + 1;
  }
  uint16(value: number): void {
    const at = this.data.reserve(2);
    this.data.bytes[at] = value;
    this.data.bytes[at + 1] = value >>> 8;
    this.data.length = at + 2;
  }
  uint32(value: number): void {
    const at = this.data.reserve(4);
    this.data.words[at >>> 2] = value;
    this.data.length = at + 4;
  }
  /** A 64-bit value as its two halves, or eight bytes as two words. */
  uint64(low: number, high: number): void {
    const at = this.data.reserve(8);
    const { words } = this.data;
    words[at >>> 2] = low;
    words[(at >>> 2) + 1] = high;
    this.data.length = at + 8;
  }
  /** Sixteen bytes as four words. */
  uint128(a: number, b: number, c: number, d: number): void {
    const at = this.data.reserve(16);
    const { words } = this.data;
    words[at >>> 2] = a;
    words[(at >>> 2) + 1] = b;
    words[(at >>> 2) + 2] = c;
    words[(at >>> 2) + 3] = d;
    this.data.length = at + 16;
  }
}

export class StringColumn implements Column {
  readonly type = 'String';
  readonly data = new GrowingBytes(4096);
  #rows = 0;
  prefix(): void {}
  values(out: Buffer[]): void {
    if (this.data.length > 0) out.push(Buffer.from(this.data.written()));
  }
  get bytes(): number {
    return this.data.length;
  }
  clear(): void {
    this.#rows = 0;
    this.data.clear();
  }
  release(): void {
    this.#rows = 0;
    this.data.release();
  }
  copy(from: Uint8Array, start: number, count: number): void {
    const body = this.begin(count);
    copyBytes(from, start, count, this.data.bytes, body);
  }
  /** Begins a value of `count` bytes; the caller writes them into `data.bytes` from the position returned on. */
  begin(count: number): number {
    const at = this.data.reserve(count + 5);
    const body = writeVarint(this.data.bytes, at, count);
    this.data.length = body + count;
    this.#rows++;
    return body;
  }
  /** A value that stands in `from` as a length and so many bytes of text: as ClickHouse wants it. */
  copyWithLength(from: Uint8Array, start: number, count: number): void {
    const at = this.data.reserve(count);
    copyBytes(from, start, count, this.data.bytes, at);
    this.data.length = at + count;
    this.#rows++;
  }
  /** Empty strings up to so many values: each is a zero byte. */
  padTo(rows: number): void {
    const missing = rows - this.#rows;
    if (missing <= 0) return;
    const at = this.data.reserve(missing);
    this.data.bytes.fill(0, at, at + missing);
    this.data.length = at + missing;
    this.#rows = rows;
  }
  text(value: string): void {
    const bytes = Buffer.from(value);
    this.copy(bytes, 0, bytes.length);
  }
}

/** LowCardinality(String): each distinct value once, and an index per row. */
export class DictionaryColumn implements Column {
  readonly type = 'LowCardinality(String)';
  readonly dictionary: Dictionary;
  readonly indexes = new GrowingBytes(4096);
  rows = 0;
  constructor(dictionary = new Dictionary()) {
    this.dictionary = dictionary;
  }
  prefix(out: Buffer[]): void {
    out.push(uint64(1)); // keys' serialization version: SharedDictionariesWithAdditionalKeys
  }
  values(out: Buffer[]): void {
    if (this.rows === 0) return;
    const keys = this.dictionary.size;
    const width = keys <= 0x100 ? 0 : keys <= 0x10000 ? 1 : 2;
    // Index type, HasAdditionalKeysBit, NeedUpdateDictionary.
    out.push(uint64(width | (1 << 9) | (1 << 10)), uint64(keys), Buffer.from(this.dictionary.keys.written()));
    out.push(uint64(this.rows), narrowed(this.indexes.written(), this.rows, 1 << width));
  }
  get bytes(): number {
    return this.indexes.length;
  }
  clear(): void {
    this.rows = 0;
    this.indexes.clear();
    this.dictionary.clear();
  }
  release(): void {
    this.clear();
    this.indexes.release();
  }
  /** The next value is the dictionary's `id`. */
  push(id: number): void {
    const at = this.indexes.reserve(4);
    this.indexes.words[at >>> 2] = id;
    this.indexes.length = at + 4;
    this.rows++;
  }
  text(value: string): void {
    const bytes = Buffer.from(value);
    this.push(this.dictionary.id(bytes, 0, bytes.length));
  }
}

/** Array(T): one end offset per row. */
export class ArrayColumn<C extends Column> implements Column {
  readonly type: string;
  readonly items: C;
  readonly ends = new FixedColumn('UInt64', 8);
  #count = 0;
  constructor(items: C) {
    this.items = items;
    this.type = `Array(${items.type})`;
  }
  prefix(out: Buffer[]): void {
    this.items.prefix(out);
  }
  values(out: Buffer[]): void {
    this.ends.values(out);
    this.items.values(out);
  }
  get bytes(): number {
    return this.ends.bytes + this.items.bytes;
  }
  clear(): void {
    this.#count = 0;
    this.ends.clear();
    this.items.clear();
  }
  release(): void {
    this.clear();
    this.ends.release();
    this.items.release();
  }
  /** Ends the row: `count` items were pushed into `items` since the last. */
  end(count: number): void {
    this.#count += count;
    this.ends.uint64(this.#count, 0);
  }
  /** Empty arrays up to so many rows. */
  padTo(rows: number): void {
    this.ends.repeatTo(rows);
  }
}

/** Map(LowCardinality(String), V). */
export class MapColumn<V extends Column> implements Column {
  readonly type: string;
  readonly keys: DictionaryColumn;
  readonly items: V;
  readonly ends = new FixedColumn('UInt64', 8);
  /** Entries pushed so far. */
  count = 0;
  #counted = 0;
  constructor(items: V, keys = new DictionaryColumn()) {
    this.keys = keys;
    this.items = items;
    this.type = `Map(LowCardinality(String), ${items.type})`;
  }
  prefix(out: Buffer[]): void {
    this.keys.prefix(out);
    this.items.prefix(out);
  }
  values(out: Buffer[]): void {
    this.ends.values(out);
    this.keys.values(out);
    this.items.values(out);
  }
  get bytes(): number {
    return this.ends.bytes + this.keys.bytes + this.items.bytes;
  }
  clear(): void {
    this.count = 0;
    this.#counted = 0;
    this.ends.clear();
    this.keys.clear();
    this.items.clear();
  }
  release(): void {
    this.clear();
    this.ends.release();
    this.keys.release();
    this.items.release();
  }
  /** Ends row `row`, which counts from 0. Rows without entries may be left out. */
  end(row: number): void {
    if (this.count === this.#counted) return;
    this.ends.repeatTo(row);
    this.ends.uint64(this.count, 0);
    this.#counted = this.count;
  }
  /** Empty maps up to so many rows. */
  padTo(rows: number): void {
    this.ends.repeatTo(rows);
  }
}

/** Tuple(…): the columns one after the other. */
export class TupleColumn implements Column {
  readonly type: string;
  readonly items: readonly Column[];
  constructor(...items: Column[]) {
    this.items = items;
    this.type = `Tuple(${items.map((item) => item.type).join(', ')})`;
  }
  prefix(out: Buffer[]): void {
    for (const item of this.items) item.prefix(out);
  }
  values(out: Buffer[]): void {
    for (const item of this.items) item.values(out);
  }
  get bytes(): number {
    return this.items.reduce((sum, item) => sum + item.bytes, 0);
  }
  clear(): void {
    for (const item of this.items) item.clear();
  }
  release(): void {
    for (const item of this.items) item.release();
  }
}

function uint64(value: number): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeUInt32LE(value, 0);
  return bytes;
}

/** Four-byte indexes as one-, two- or four-byte ones. */
function narrowed(indexes: Buffer, rows: number, width: number): Buffer {
  if (width === 4) return Buffer.from(indexes);
  const out = Buffer.allocUnsafe(rows * width);
  if (width === 1) for (let i = 0; i < rows; i++) out[i] = indexes[i * 4]!;
  else
    for (let i = 0; i < rows; i++) {
      out[i * 2] = indexes[i * 4]!;
      out[i * 2 + 1] = indexes[i * 4 + 1]!;
    }
  return out;
}
