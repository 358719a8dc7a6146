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

export async function readSources(
  engine: Engine,
  resourceIds: ReadonlySet<bigint>,
  scopeIds: ReadonlySet<bigint>,
  { abort }: ReadOptions,
): Promise<Sources> {
  const [resources, scopes] = await Promise.all([
    read(engine, 'resources', '', resourceIds, abort),
    read(engine, 'scopes', 'name, version,', scopeIds, abort),
  ]);
  return {
    resource: (id) => resources.get(id) ?? noResource,
    scope: (id) => (scopes.get(id) as Scope | undefined) ?? noScope,
  };
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
