/**
 * Reads ClickHouse's Native format, as its HTTP interface answers it (revision 0): blocks of columns. Source:
 * ClickHouse, src/Formats/NativeReader.cpp and src/DataTypes/Serializations.
 */
export function* nativeBlocks(bytes: Buffer): Generator<NativeBlockView> {
  const source = new Source(bytes);
  while (source.pos < bytes.length) {
    const columns = source.varint();
    const rows = source.varint();
    const byName = new Map<string, ColumnView>();
    for (let n = 0; n < columns; n++) {
      const name = source.text();
      const type = typeOf(source.text());
      type.prefix(source);
      byName.set(name, type.read(source, rows));
    }
    yield new NativeBlockView(byName, rows);
  }
}

/** What a column's values can be read as; asking for what its type is not throws. */
export interface ColumnView {
  /** A number; a 64-bit integer is rounded. */
  number?(row: number): number;
  bigint?(row: number): bigint;
  text?(row: number): string;
  /** The bytes of a String or FixedString: a view, not a copy. */
  bytes?(row: number): Buffer;
  /** Of LowCardinality: the values, and which of them stands in a row. */
  readonly dictionary?: readonly string[];
  index?(row: number): number;
  /** Of Array and Map: where the row's items begin and end in `items` (and `keys`). */
  begin?(row: number): number;
  end?(row: number): number;
  readonly keys?: ColumnView;
  readonly items?: ColumnView;
}

export class NativeBlockView {
  readonly rows: number;
  readonly #columns: ReadonlyMap<string, ColumnView>;

  constructor(columns: ReadonlyMap<string, ColumnView>, rows: number) {
    this.#columns = columns;
    this.rows = rows;
  }

  /** All of a column's readers: those that its type does not have throw when called. */
  column(name: string): Required<ColumnView> {
    const column = this.#columns.get(name);
    if (!column) throw new Error(`the answer has no column ${name}`);
    return column as Required<ColumnView>;
  }
}

class Source {
  readonly bytes: Buffer;
  pos = 0;

  constructor(bytes: Buffer) {
    this.bytes = bytes;
  }

  varint(): number {
    let value = 0;
    for (let scale = 1; ; scale *= 128) {
      const byte = this.bytes[this.pos++]!;
      value += (byte & 0x7f) * scale;
      if (byte < 0x80) return value;
    }
  }

  text(): string {
    const length = this.varint();
    return this.take(length).toString();
  }

  take(count: number): Buffer {
    this.pos += count;
    return this.bytes.subarray(this.pos - count, this.pos);
  }

  /** Copied, because the numbers lie anywhere and typed arrays want them aligned. */
  aligned(count: number): ArrayBuffer {
    const { buffer, byteOffset } = this.take(count);
    return buffer.slice(byteOffset, byteOffset + count) as ArrayBuffer;
  }

  uint64(): number {
    const bytes = this.take(8);
    return bytes.readUInt32LE(0) + bytes.readUInt32LE(4) * 0x1_0000_0000;
  }
}

interface Type {
  prefix(source: Source): void;
  read(source: Source, rows: number): ColumnView;
}

const none = () => {};

function numbers(
  width: number,
  over: (bytes: ArrayBuffer) => { readonly [row: number]: number | bigint },
): Type {
  return {
    prefix: none,
    read(source, rows) {
      const values = over(source.aligned(rows * width));
      return { number: (row) => Number(values[row]), bigint: (row) => BigInt(values[row]!) };
    },
  };
}

const fixed: Record<string, Type> = {
  UInt8: numbers(1, (bytes) => new Uint8Array(bytes)),
  Bool: numbers(1, (bytes) => new Uint8Array(bytes)),
  UInt16: numbers(2, (bytes) => new Uint16Array(bytes)),
  UInt32: numbers(4, (bytes) => new Uint32Array(bytes)),
  DateTime: numbers(4, (bytes) => new Uint32Array(bytes)),
  UInt64: numbers(8, (bytes) => new BigUint64Array(bytes)),
  Int64: numbers(8, (bytes) => new BigInt64Array(bytes)),
  DateTime64: numbers(8, (bytes) => new BigInt64Array(bytes)),
  Float64: numbers(8, (bytes) => new Float64Array(bytes)),
};

const string: Type = {
  prefix: none,
  read(source, rows) {
    const starts = new Uint32Array(rows);
    const ends = new Uint32Array(rows);
    for (let row = 0; row < rows; row++) {
      const length = source.varint();
      starts[row] = source.pos;
      source.pos += length;
      ends[row] = source.pos;
    }
    const { bytes } = source;
    return {
      text: (row) => bytes.toString('utf8', starts[row], ends[row]),
      bytes: (row) => bytes.subarray(starts[row], ends[row]),
    };
  },
};

function fixedString(width: number): Type {
  return {
    prefix: none,
    read(source, rows) {
      const values = source.take(rows * width);
      return { bytes: (row) => values.subarray(row * width, (row + 1) * width) };
    },
  };
}

const lowCardinality: Type = {
  prefix: (source) => void source.uint64(),
  read(source, rows) {
    if (rows === 0) return { dictionary: [], index: () => 0, text: () => '' };
    const width = 1 << (source.uint64() & 0xff);
    const dictionary = Array.from({ length: source.uint64() }, () => source.text());
    const count = source.uint64();
    const bytes = source.aligned(count * width);
    const indexes =
      width === 1 ? new Uint8Array(bytes) : width === 2 ? new Uint16Array(bytes) : new Uint32Array(bytes);
    return { dictionary, index: (row) => indexes[row]!, text: (row) => dictionary[indexes[row]!]! };
  },
};

function array(items: Type, keys?: Type): Type {
  return {
    prefix(source) {
      keys?.prefix(source);
      items.prefix(source);
    },
    read(source, rows) {
      const ends = new BigUint64Array(source.aligned(rows * 8));
      const count = rows === 0 ? 0 : Number(ends[rows - 1]);
      const end = (row: number) => Number(ends[row]);
      return {
        begin: (row) => (row === 0 ? 0 : end(row - 1)),
        end,
        ...(keys && { keys: keys.read(source, count) }),
        items: items.read(source, count),
      };
    },
  };
}

/** Only the types that this program's tables and queries have. */
function typeOf(name: string): Type {
  const open = name.indexOf('(');
  const outer = open < 0 ? name : name.slice(0, open);
  const inner = open < 0 ? '' : name.slice(open + 1, -1);
  if (outer === 'String') return string;
  if (outer === 'FixedString') return fixedString(Number(inner));
  if (outer === 'LowCardinality' && inner === 'String') return lowCardinality;
  if (outer === 'Array') return array(typeOf(inner));
  if (outer === 'Map' && inner.startsWith('LowCardinality(String), '))
    return array(typeOf(inner.slice('LowCardinality(String), '.length)), lowCardinality);
  if (outer === 'SimpleAggregateFunction') return typeOf(inner.slice(inner.indexOf(', ') + 2));
  const type = fixed[outer];
  if (!type) throw new Error(`cannot read a column of type ${name}`);
  return type;
}
