import type { MapEdge, MapNode } from '@throughline/query/api';
import type { SearchState } from '../search/search-state.ts';

/** The search that finds the spans of a node; undefined: nothing says which they are. */
export function tracesOfNode(node: MapNode): SearchState | undefined {
  if (node.kind === 'service') return { service: node.name };
  const text = textOf(node);
  if (text === undefined) return undefined;
  return node.kind === 'topic' ? { text } : { kind: 'client', text };
}

/** The search that finds the spans of an edge: those of the end that tells more. */
export function tracesOfEdge(edge: MapEdge, from: MapNode, to: MapNode): SearchState | undefined {
  switch (edge.kind) {
    case 'call':
      return to.kind === 'service'
        ? { service: to.name }
        : { service: from.name, kind: 'client', text: textOf(to) };
    case 'publish':
      return { service: from.name, kind: 'producer', text: textOf(to) };
    case 'consume':
      return { service: to.name, kind: 'consumer', text: textOf(from) };
    case 'route':
      return tracesOfNode(to);
  }
}

/** What the attributes of spans have of the name: a host without its port; nothing of what stands for several. */
function textOf({ kind, name }: MapNode): string | undefined {
  if (name.startsWith('(')) return undefined;
  if (kind !== 'external') return name.replaceAll(/\{[^}]*\}.*$/g, '');
  return name.replace(/:\d+$/, '').replace(/^\[(.*)\]$/, '$1');
}
