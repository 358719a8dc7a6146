import { spanKinds, statusCodes } from '@throughline/model';
import type { Engine } from '../../engine/engine.ts';
import { attributeSql } from './attribute-condition.ts';
import { Bound } from '../bound.ts';
import type { AttributeCondition, AttributeType, SpanQuery } from '../trace-query.ts';
import type { ReadOptions } from '../trace-store.ts';

/** Writes the conditions on a span as SQL over the table of spans; '1' if there are none. */
export type SpanCondition = (bound: Bound) => string;

export const attributeTypes: readonly AttributeType[] = ['string', 'int', 'double', 'bool', 'array'];
/** By AnyValue's field numbers, as `attribute_keys` has them. */
export const typeByNumber: Readonly<Record<number, AttributeType>> = {
  1: 'string',
  2: 'bool',
  3: 'int',
  4: 'double',
  5: 'array',
};

export async function spanCondition(
  engine: Engine,
  query: SpanQuery,
  options: ReadOptions = {},
): Promise<SpanCondition> {
  const attributes = await attributeConditions(engine, 'span', query.conditions, options);
  return (bound) => {
    const all = [
      query.service !== undefined && `service = ${bound.string(query.service)}`,
      query.operation !== undefined && `name = ${bound.string(query.operation)}`,
      query.kind !== undefined && `kind = ${spanKinds.indexOf(query.kind)}`,
      query.status !== undefined && `status = ${statusCodes.indexOf(query.status)}`,
      query.minDuration !== undefined && `duration >= ${bound.number(query.minDuration)}`,
      query.maxDuration !== undefined && `duration <= ${bound.number(query.maxDuration)}`,
      ...attributes(bound),
      query.text !== undefined && query.text !== '' && anyText(query.text, bound),
    ].filter((part) => typeof part === 'string');
    return all.length === 0 ? '1' : all.join(' AND ');
  };
}

/**
 * Conditions on attributes of spans or log records, or of their resources, as SQL over their table. Looks up which
 * types the keys have and whether resources match at all, so that the SQL reads no map in vain, and a condition on a
 * text stays one that the bloom filter can answer.
 */
export async function attributeConditions(
  engine: Engine,
  of: 'span' | 'log',
  conditions: readonly AttributeCondition[],
  options: ReadOptions,
): Promise<(bound: Bound) => string[]> {
  const [types, inResources] = await Promise.all([
    typesOfKeys(engine, of, conditions, options),
    Promise.all(conditions.map((condition) => anyResource(engine, condition, options))),
  ]);
  return (bound) =>
    conditions.map((condition, n) =>
      attributeCondition(condition, types.get(condition.key) ?? new Set(), inResources[n]!, bound),
    );
}

function attributeCondition(
  condition: AttributeCondition,
  types: ReadonlySet<AttributeType>,
  inResources: boolean,
  bound: Bound,
): string {
  const own =
    condition.scope === 'resource' || types.size === 0 ? '0' : attributeSql(condition, types, bound);
  if (!inResources) return own;
  const resource = `resource_id IN (SELECT id FROM resources WHERE ${attributeSql(condition, new Set(attributeTypes), bound)})`;
  return own === '0' ? resource : `(${own} OR ${resource})`;
}

function anyText(text: string, bound: Bound): string {
  const found = (value: string) => `positionCaseInsensitiveUTF8(${value}, ${bound.string(text)}) > 0`;
  return `(${found('name')} OR ${found('status_message')} OR arrayExists(v -> ${found('v')}, mapValues(attributes_string)))`;
}

async function typesOfKeys(
  engine: Engine,
  of: 'span' | 'log',
  conditions: readonly AttributeCondition[],
  { abort }: ReadOptions,
): Promise<Map<string, Set<AttributeType>>> {
  const keys = conditions.filter(({ scope }) => scope !== 'resource').map(({ key }) => key);
  const types = new Map<string, Set<AttributeType>>();
  if (keys.length === 0) return types;
  const rows = await engine.query<{ key: string; type: number }>(
    `SELECT DISTINCT key, type FROM attribute_keys WHERE scope = {of:String} AND key IN {keys:Array(String)}`,
    { params: { of, keys }, abort },
  );
  for (const { key, type } of rows) types.set(key, (types.get(key) ?? new Set()).add(typeByNumber[type]!));
  return types;
}

async function anyResource(
  engine: Engine,
  condition: AttributeCondition,
  { abort }: ReadOptions,
): Promise<boolean> {
  if (condition.scope === 'span') return false;
  const bound = new Bound();
  const rows = await engine.query(
    `SELECT 1 FROM resources WHERE ${attributeSql(condition, new Set(attributeTypes), bound)} LIMIT 1`,
    { params: bound.params, abort },
  );
  return rows.length > 0;
}
