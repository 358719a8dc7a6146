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

/** Beyond so many pairs of service and key in one block, keys are counted for all services together. */
const maxCells = 4_000_000;

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

  /** Counts the attributes of `rows` rows whose services stand in `services`. */
  count(scope: 'span' | 'log', services: DictionaryColumn, attributes: AttributeColumns, rows: number): void {
    for (const map of maps) {
      const { keys, ends } = attributes[map];
      const keyCount = keys.dictionary.size;
      const byService = keyCount * services.dictionary.size <= maxCells;
      const cells = new Uint32Array(keyCount * (byService ? services.dictionary.size : 1));
      const indexes = keys.indexes.words;
      const serviceOf = services.indexes.words;
      const endOf = ends.data.words;
      for (let row = 0, entry = 0; row < rows; row++) {
        const base = byService ? serviceOf[row]! * keyCount : 0;
        for (const end = endOf[row * 2]!; entry < end; entry++) cells[base + indexes[entry]!]!++;
      }
      cells.forEach((count, cell) => {
        if (count === 0) return;
        const service = byService ? services.dictionary.text(Math.floor(cell / keyCount)) : '';
        this.#add(scope, service, keys.dictionary.text(cell % keyCount), types[map], count);
      });
    }
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
