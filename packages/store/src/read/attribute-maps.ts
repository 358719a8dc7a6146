import type { Attributes, AttributeValue } from '@throughline/model';
import { decodeValue } from '@throughline/wire';
import type { ColumnView, NativeBlockView } from './native-rows.ts';

export const attributeColumns =
  'attributes_string, attributes_int, attributes_double, attributes_bool, attributes_other';

const readers: readonly [string, (items: Required<ColumnView>, item: number) => AttributeValue][] = [
  ['attributes_string', (items, item) => items.text(item)],
  ['attributes_int', (items, item) => items.bigint(item)],
  ['attributes_double', (items, item) => items.number(item)],
  ['attributes_bool', (items, item) => items.number(item) !== 0],
  ['attributes_other', (items, item) => decodeValue(items.bytes(item))],
];

/** Reads a row's attributes out of the five columns that hold them by type. */
export function attributesReader(block: NativeBlockView): (row: number) => Attributes {
  const maps = readers.map(([name, read]) => ({ map: block.column(name), read }));
  return (row) => {
    const entries: [string, AttributeValue][] = [];
    for (const { map, read } of maps) {
      const end = map.end(row);
      for (let item = map.begin(row); item < end; item++)
        entries.push([map.keys.text!(item), read(map.items as Required<ColumnView>, item)]);
    }
    return Object.fromEntries(entries);
  };
}
