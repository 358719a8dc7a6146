import type { Resource, Scope } from '@throughline/model';
import type { Engine } from '../engine/engine.ts';
import { attributeColumns, attributesReader } from './attribute-maps.ts';
import { nativeBlocks } from './native-rows.ts';
import type { ReadOptions } from './trace-store.ts';

/** Resources and scopes by the ids that rows name them by. */
export interface Sources {
  resource(id: bigint): Resource;
  scope(id: bigint): Scope;
}

const noResource: Resource = { attributes: {}, schemaUrl: '', droppedAttributes: 0 };
const noScope: Scope = { ...noResource, name: '', version: '' };

/** Rows that were read before: an id is made of the content, so they never change. Forgotten with their engine. */
const remembered = new WeakMap<Engine, Record<'resources' | 'scopes', Map<bigint, Resource | Scope>>>();
const mostRemembered = 5_000;

export async function readSources(
  engine: Engine,
  resourceIds: ReadonlySet<bigint>,
  scopeIds: ReadonlySet<bigint>,
  { abort }: ReadOptions,
): Promise<Sources> {
  const [resources, scopes] = await Promise.all([
    recall(engine, 'resources', '', resourceIds, abort),
    recall(engine, 'scopes', 'name, version,', scopeIds, abort),
  ]);
  return {
    resource: (id) => resources.get(id) ?? noResource,
    scope: (id) => (scopes.get(id) as Scope | undefined) ?? noScope,
  };
}

/** What is remembered of the ids, and the others read. */
async function recall(
  engine: Engine,
  table: 'resources' | 'scopes',
  more: string,
  ids: ReadonlySet<bigint>,
  abort: AbortSignal | undefined,
): Promise<ReadonlyMap<bigint, Resource | Scope>> {
  let known = remembered.get(engine);
  if (!known) remembered.set(engine, (known = { resources: new Map(), scopes: new Map() }));
  const rows = known[table];
  const unknown = new Set([...ids].filter((id) => !rows.has(id)));
  const fresh = await read(engine, table, more, unknown, abort);
  const found = new Map(
    [...ids].map((id) => [id, (rows.get(id) ?? fresh.get(id))!] as const).filter(([, row]) => row),
  );
  if (rows.size + fresh.size > mostRemembered) rows.clear();
  for (const [id, row] of fresh) rows.set(id, row);
  return found;
}

async function read(
  engine: Engine,
  table: 'resources' | 'scopes',
  more: string,
  ids: ReadonlySet<bigint>,
  abort: AbortSignal | undefined,
): Promise<Map<bigint, Resource | Scope>> {
  const found = new Map<bigint, Resource | Scope>();
  if (ids.size === 0) return found;
  const answer = await engine.queryNative(
    `SELECT id, ${more} ${attributeColumns}, schema_url, dropped_attributes
     FROM ${table} WHERE id IN {ids:Array(UInt64)} LIMIT 1 BY id SETTINGS max_threads = 1`,
    { params: { ids: [...ids] }, abort },
  );
  for (const block of nativeBlocks(answer)) {
    const [id, schemaUrl] = [block.column('id'), block.column('schema_url')];
    const dropped = block.column('dropped_attributes');
    const attributes = attributesReader(block);
    for (let row = 0; row < block.rows; row++)
      found.set(id.bigint(row), {
        ...(more !== '' && {
          name: block.column('name').text(row),
          version: block.column('version').text(row),
        }),
        attributes: attributes(row),
        schemaUrl: schemaUrl.text(row),
        droppedAttributes: dropped.number(row),
      });
  }
  return found;
}
