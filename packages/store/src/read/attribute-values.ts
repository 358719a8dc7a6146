import type { AttributeValue } from '@throughline/model';
import type { Engine } from '../engine/engine.ts';
import { Bound } from './bound.ts';
import type { ReadOptions, ValueCount, ValuesQuery } from './trace-store.ts';

/** How many of the newest spans are looked at. */
const sample = 200_000;

type SimpleType = 'string' | 'int' | 'double' | 'bool';

const read: Record<SimpleType, (text: string) => AttributeValue> = {
  string: (text) => text,
  int: (text) => BigInt(text),
  double: Number,
  bool: (text) => text === 'true',
};

/** The values of a key that are texts, numbers or booleans. */
export async function attributeValues(
  engine: Engine,
  query: ValuesQuery,
  { abort }: ReadOptions = {},
): Promise<ValueCount[]> {
  const bound = new Bound();
  const key = bound.string(query.key);
  const pairs = (Object.keys(read) as SimpleType[]).map(
    (type) =>
      `if(mapContains(attributes_${type}, ${key}), [('${type}', toString(attributes_${type}[${key}]))], [])`,
  );
  const service = query.service === undefined ? '1' : `service = ${bound.string(query.service)}`;
  const spans = `(SELECT * FROM spans WHERE ${service} ORDER BY slot DESC LIMIT ${sample})`;
  const all = `arrayJoin(arrayConcat(${pairs.join(', ')})) AS pair`;
  const ofSpans = `SELECT ${all}, 1 AS weight FROM ${spans}`;
  const ofResources = `SELECT ${all}, weight
    FROM (SELECT * FROM resources WHERE ${service} LIMIT 1 BY id) AS r
    INNER JOIN (SELECT resource_id, count() AS weight FROM ${spans} GROUP BY resource_id) AS s ON s.resource_id = r.id`;
  const from = [
    ...(query.scope === 'resource' ? [] : [ofSpans]),
    ...(query.scope === 'span' ? [] : [ofResources]),
  ].join(' UNION ALL ');
  const contains = query.contains
    ? `WHERE positionCaseInsensitiveUTF8(pair.2, ${bound.string(query.contains)}) > 0`
    : '';
  const rows = await engine.query<{ type: SimpleType; text: string; count: number }>(
    `SELECT pair.1 AS type, pair.2 AS text, toFloat64(sum(weight)) AS count FROM (${from}) ${contains}
     GROUP BY type, text ORDER BY count DESC, text LIMIT ${bound.value('UInt32', query.limit)}`,
    { params: bound.params, abort },
  );
  return rows.map(({ type, text, count }) => ({ value: read[type](text), count }));
}
