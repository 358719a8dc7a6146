import type { Resource, Scope } from '@throughline/model';
import { Reader } from '@throughline/wire';

export interface ResourceGroup<T> {
  readonly resource: Resource;
  readonly scopes: { readonly scope: Scope; readonly items: T[] }[];
}

/** Items of one resource and scope together, as they came: decoding gives the items of a group the same objects. */
export function grouped<T extends { resource: Resource; scope: Scope }>(
  items: readonly T[],
): ResourceGroup<T>[] {
  const groups: ResourceGroup<T>[] = [];
  for (const item of items) {
    if (groups.at(-1)?.resource !== item.resource) groups.push({ resource: item.resource, scopes: [] });
    const { scopes } = groups.at(-1)!;
    if (scopes.at(-1)?.scope !== item.scope) scopes.push({ scope: item.scope, items: [] });
    scopes.at(-1)!.items.push(item);
  }
  return groups;
}

/** The number of ResourceSpans or ResourceLogs in a batch's bytes. */
export function countResources(bytes: Uint8Array): number {
  const reader = new Reader(bytes);
  let count = 0;
  for (let tag = reader.tag(); tag !== 0; tag = reader.tag()) {
    if (tag === 0x0a) count++;
    reader.skip(tag);
  }
  return count;
}
