import { anyValue, type AttributeColumns } from './attributes.ts';
import { Block } from './block.ts';
import { DictionaryColumn, FixedColumn } from './native-columns.ts';

const maps = ['string', 'int', 'double', 'bool', 'other'] as const;
/** What stands in `type` for the map of all other values: AnyValue's field for an array. */
const types = {
  string: anyValue.string,
  int: anyValue.int,
  double: anyValue.double,
  bool: anyValue.bool,
  other: anyValue.array,
};

/** How often each attribute key was seen, by service and type of value. */
export class KeyRollup {
  readonly #counts = new Map<
    string,
    { scope: string; service: string; key: string; type: number; count: number }
  >();
  readonly #columns = {
    scope: new DictionaryColumn(),
    service: new DictionaryColumn(),
    key: new DictionaryColumn(),
    type: new FixedColumn('UInt8', 1),
    received: new FixedColumn("DateTime('UTC')", 4),
    count: new FixedColumn('UInt64', 8),
  };
  readonly block = new Block(this.#columns);

  /** Where the attributes of what comes next begin: to be given to `count`. */
  mark(attributes: AttributeColumns): number[] {
    return maps.map((map) => attributes[map].keys.rows);
  }

  /** Counts the attributes added since `marks`, all of them of one service. */
  count(
    scope: 'span' | 'log',
    service: string,
    attributes: AttributeColumns,
    marks: readonly number[],
  ): void {
    maps.forEach((map, n) => {
      const { keys } = attributes[map];
      const seen = new Uint32Array(keys.dictionary.size);
      const indexes = keys.indexes.bytes;
      for (let row = marks[n]!; row < keys.rows; row++) seen[indexes.readUInt32LE(row * 4)]!++;
      seen.forEach((count, id) => {
        if (count > 0) this.#add(scope, service, keys.dictionary.text(id), types[map], count);
      });
    });
  }

  finish(received: number): void {
    for (const { scope, service, key, type, count } of this.#counts.values()) {
      this.#columns.scope.text(scope);
      this.#columns.service.text(service);
      this.#columns.key.text(key);
      this.#columns.type.uint8(type);
      this.#columns.received.uint32(received);
      this.#columns.count.uint64(count, 0);
    }
    this.block.rows = this.#counts.size;
  }

  clear(): void {
    this.#counts.clear();
    this.block.clear();
  }

  #add(scope: string, service: string, key: string, type: number, count: number): void {
    const name = `${scope}\0${service}\0${type}\0${key}`;
    const known = this.#counts.get(name);
    if (known) known.count += count;
    else this.#counts.set(name, { scope, service, key, type, count });
  }
}
