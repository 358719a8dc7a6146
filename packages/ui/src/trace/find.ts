import type { TraceColumns } from './columns.ts';
import { logText, type LogColumns } from './logs/logs.ts';
import type { Tree } from './tree.ts';

/** What the find box found. */
export interface Found {
  readonly text: string;
  /** By node: 1 where it matches. */
  readonly matches: Uint8Array;
  /** Matching nodes in the order of the waterfall. */
  readonly nodes: Int32Array;
}

/**
 * Spans whose name, service, id or log records contain `text`, letter case aside, and those in `also` (what the
 * server found in attributes). Hot: each name is looked at once, not once per span (tree.bench.ts).
 */
export function find(
  text: string,
  columns: TraceColumns,
  tree: Tree,
  logs?: LogColumns,
  also?: Iterable<number>,
): Found {
  const needle = text.trim().toLowerCase();
  const matches = new Uint8Array(columns.size);
  if (needle === '') return { text, matches, nodes: new Int32Array() };
  const inName = contains(columns.names, needle);
  const inService = contains(columns.services, needle);
  const asId = /^[0-9a-f]{4,16}$/.test(needle);
  for (let node = 0; node < columns.size; node++) {
    const hit =
      inName[columns.name[node]!] ||
      inService[columns.service[node]!] ||
      (asId && columns.ids[node]!.startsWith(needle));
    if (hit) matches[node] = 1;
  }
  logs?.records.forEach((record, index) => {
    const node = logs.node[index]!;
    if (node >= 0 && logText(record).toLowerCase().includes(needle)) matches[node] = 1;
  });
  for (const node of also ?? []) if (node >= 0) matches[node] = 1;
  return { text, matches, nodes: tree.order.filter((node) => matches[node] === 1) };
}

function contains(texts: readonly string[], needle: string): Uint8Array {
  return Uint8Array.from(texts, (text) => (text.toLowerCase().includes(needle) ? 1 : 0));
}

/**
 * The nearest of `nodes` (in the order of the waterfall) after or before `from` in that order, going round at the
 * end; -1 where there is none.
 */
export function neighbour(tree: Tree, nodes: ArrayLike<number>, from: number, step: 1 | -1): number {
  if (nodes.length === 0) return -1;
  const here = from < 0 ? (step > 0 ? -1 : tree.size) : tree.position[from]!;
  let low = 0;
  let high = nodes.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    const at = tree.position[nodes[middle]!]!;
    if (step > 0 ? at <= here : at < here) low = middle + 1;
    else high = middle;
  }
  const index = step > 0 ? low : low - 1;
  return nodes[(index + nodes.length) % nodes.length]!;
}

/** Which of `nodes` is `node`, from 1; 0 where it is none of them. */
export function placeOf(tree: Tree, nodes: ArrayLike<number>, node: number): number {
  if (node < 0 || nodes.length === 0) return 0;
  let low = 0;
  let high = nodes.length - 1;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (tree.position[nodes[middle]!]! < tree.position[node]!) low = middle + 1;
    else high = middle;
  }
  return nodes[low] === node ? low + 1 : 0;
}
