import type { Engine } from '../engine/engine.ts';
import { Bound } from './bound.ts';
import { attributeTypes, typeByNumber } from './search/span-condition.ts';
import type { KeyCount, KeysQuery, ReadOptions } from './trace-store.ts';

type Row = Omit<KeyCount, 'scope'>;

/** Keys of spans with how many spans have them; keys of resources, of services that have spans, with how many have them. */
export async function attributeKeys(
  engine: Engine,
  query: KeysQuery,
  options: ReadOptions = {},
): Promise<KeyCount[]> {
  const [ofSpans, ofResources] = await Promise.all([
    query.scope === 'resource' ? [] : spanKeys(engine, query, options),
    query.scope === 'span' ? [] : resourceKeys(engine, query, options),
  ]);
  return [
    ...ofSpans.map((row): KeyCount => ({ scope: 'span', ...row })),
    ...ofResources.map((row): KeyCount => ({ scope: 'resource', ...row })),
  ]
    .sort((a, b) => b.count - a.count || (a.key < b.key ? -1 : 1))
    .slice(0, query.limit);
}

async function spanKeys(engine: Engine, query: KeysQuery, { abort }: ReadOptions): Promise<Row[]> {
  const bound = new Bound();
  const rows = await engine.query<{ key: string; type: number; count: number }>(
    `SELECT key, type, toFloat64(sum(k.count)) AS count FROM attribute_keys AS k
     WHERE scope = 'span' AND ${conditions(query, 'key', bound)}
     GROUP BY key, type ORDER BY count DESC, key LIMIT ${bound.value('UInt32', query.limit)}`,
    { params: bound.params, abort },
  );
  return rows.map(({ key, type, count }) => ({ key, type: typeByNumber[type]!, count }));
}

async function resourceKeys(engine: Engine, query: KeysQuery, { abort }: ReadOptions): Promise<Row[]> {
  const bound = new Bound();
  const pairs = attributeTypes.map((type) => {
    const map = type === 'array' ? 'attributes_other' : `attributes_${type}`;
    return `arrayMap(k -> (toString(k), '${type}'), mapKeys(${map}))`;
  });
  return engine.query<Row>(
    `SELECT pair.1 AS key, pair.2 AS type, toFloat64(uniq(id)) AS count
     FROM resources ARRAY JOIN arrayConcat(${pairs.join(', ')}) AS pair
     WHERE service IN (SELECT service FROM red) AND ${conditions(query, 'pair.1', bound)}
     GROUP BY key, type ORDER BY count DESC, key LIMIT ${bound.value('UInt32', query.limit)}`,
    { params: bound.params, abort },
  );
}

function conditions({ service, contains }: KeysQuery, key: string, bound: Bound): string {
  return [
    service === undefined ? '1' : `service = ${bound.string(service)}`,
    contains ? `positionCaseInsensitiveUTF8(${key}, ${bound.string(contains)}) > 0` : '1',
  ].join(' AND ');
}
