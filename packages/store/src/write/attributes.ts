import { FixedColumn, MapColumn, StringColumn, type DictionaryColumn } from './native-columns.ts';

/** Field numbers of OTLP's AnyValue (common.proto). */
export const anyValue = { string: 1, bool: 2, int: 3, double: 4, array: 5, map: 6, bytes: 7 } as const;

/** The five maps that hold attributes by the type of their value. */
export class AttributeColumns {
  readonly string = new MapColumn(new StringColumn());
  readonly int = new MapColumn(new FixedColumn('Int64', 8));
  readonly double = new MapColumn(new FixedColumn('Float64', 8));
  readonly bool = new MapColumn(new FixedColumn('Bool', 1));
  readonly other = new MapColumn(new StringColumn());

  columns() {
    return {
      attributes_string: this.string,
      attributes_int: this.int,
      attributes_double: this.double,
      attributes_bool: this.bool,
      attributes_other: this.other,
    };
  }

  /** Hot: adds one KeyValue message, `bytes[pos..end)`, which was checked when it was received. */
  add(bytes: Uint8Array, pos: number, end: number): void {
    let keyStart = 0;
    let keyLength = 0;
    let valueStart = 0;
    let valueEnd = 0;
    while (pos < end) {
      const tag = bytes[pos++]!;
      if (tag === 0x0a || tag === 0x12) {
        let length = bytes[pos++]!;
        if (length > 0x7f) {
          length &= 0x7f;
          for (let shift = 7; ; shift += 7) {
            const byte = bytes[pos++]!;
            length |= (byte & 0x7f) << shift;
            if (byte < 0x80) break;
          }
        }
        if (tag === 0x0a) {
          keyStart = pos;
          keyLength = length;
        } else {
          valueStart = pos;
          valueEnd = pos + length;
        }
        pos += length;
      } else pos = skipField(bytes, pos - 1);
    }
    this.#value(bytes, keyStart, keyLength, valueStart, valueEnd);
  }

  /** Ends row `row` in all five maps. */
  end(row: number): void {
    this.string.end(row);
    this.int.end(row);
    this.double.end(row);
    this.bool.end(row);
    this.other.end(row);
  }

  /** Rows without attributes up to so many. */
  padTo(rows: number): void {
    this.string.padTo(rows);
    this.int.padTo(rows);
    this.double.padTo(rows);
    this.bool.padTo(rows);
    this.other.padTo(rows);
  }

  #value(bytes: Uint8Array, keyStart: number, keyLength: number, start: number, end: number): void {
    const tag = start < end ? bytes[start]! : 0;
    switch (tag) {
      case 0x0a: {
        let pos = start + 1;
        let length = bytes[pos++]!;
        if (length > 0x7f) {
          length &= 0x7f;
          for (let shift = 7; ; shift += 7) {
            const byte = bytes[pos++]!;
            length |= (byte & 0x7f) << shift;
            if (byte < 0x80) break;
          }
        }
        if (pos + length !== end) break;
        push(this.string, bytes, keyStart, keyLength);
        // OTLP and ClickHouse write a string alike: its length as a varint, then its bytes.
        this.string.items.copyWithLength(bytes, start + 1, end - start - 1);
        return;
      }
      case 0x18: {
        let pos = start + 1;
        let low = 0;
        let high = 0;
        let byte = bytes[pos++]!;
        for (let shift = 0; ; shift += 7) {
          if (shift < 28) low |= (byte & 0x7f) << shift;
          else if (shift === 28) {
            low |= (byte & 0x0f) << 28;
            high |= (byte & 0x7f) >> 4;
          } else high |= (byte & 0x7f) << (shift - 32);
          if (byte < 0x80) break;
          byte = bytes[pos++]!;
        }
        if (pos !== end) break;
        push(this.int, bytes, keyStart, keyLength);
        this.int.items.uint64(low, high);
        return;
      }
      case 0x21:
        if (end - start !== 9) break;
        push(this.double, bytes, keyStart, keyLength);
        this.double.items.copy(bytes, start + 1);
        return;
      case 0x10:
        if (end - start !== 2) break;
        push(this.bool, bytes, keyStart, keyLength);
        this.bool.items.uint8(bytes[start + 1]! === 0 ? 0 : 1);
        return;
      default:
    }
    push(this.other, bytes, keyStart, keyLength);
    this.other.items.copy(bytes, start, end - start);
  }
}

function push(
  map: { keys: DictionaryColumn; count: number },
  bytes: Uint8Array,
  keyStart: number,
  keyLength: number,
): void {
  const keys = map.keys;
  keys.push(keys.dictionary.id(bytes, keyStart, keyLength));
  map.count++;
}

/** Where the field that begins at `pos` ends. For checked bytes only. */
export function skipField(bytes: Uint8Array, pos: number): number {
  const wireType = bytes[pos]! & 7;
  while (bytes[pos++]! > 0x7f);
  switch (wireType) {
    case 0:
      while (bytes[pos++]! > 0x7f);
      return pos;
    case 1:
      return pos + 8;
    case 5:
      return pos + 4;
    default: {
      let length = 0;
      for (let scale = 1; ; scale *= 128) {
        const byte = bytes[pos++]!;
        length += (byte & 0x7f) * scale;
        if (byte < 0x80) break;
      }
      return pos + length;
    }
  }
}
