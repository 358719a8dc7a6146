import type { TraceColumns } from './columns.ts';

/**
 * The tree of a trace's nodes, siblings in order of start. A parent further on in a circle of parents counts as none,
 * so that every node is in the tree exactly once.
 *
 * A subtree is a stretch of `order`: from `position[node]` to `end[node]` - 1.
 */
export interface Tree {
  readonly size: number;
  /** -1 for a root. */
  readonly parent: Int32Array;
  /** 0 for a root. */
  readonly depth: Int32Array;
  readonly maxDepth: number;
  /** Nodes in the order of the waterfall, and where in it each one is. */
  readonly order: Int32Array;
  readonly position: Int32Array;
  readonly end: Int32Array;
  readonly children: Int32Array;
  readonly roots: number;
  /** Place among its siblings, from 1. */
  readonly rank: Int32Array;
  /** Nodes whose parent was left out because it leads in a circle. */
  readonly cut: readonly number[];
}

/** Hot: linear in the nodes, without an object per node and without recursion (tree.bench.ts). */
export function treeOf(columns: TraceColumns): Tree {
  const { size } = columns;
  const { parent, cut } = withoutCircles(columns);
  const { first, next, firstRoot, children, rank, roots } = siblings(parent, columns.start);
  const depth = new Int32Array(size);
  const order = new Int32Array(size);
  const position = new Int32Array(size);
  let maxDepth = 0;
  let node = firstRoot;
  for (let at = 0; at < size; at++) {
    const above = parent[node]!;
    depth[node] = above < 0 ? 0 : depth[above]! + 1;
    if (depth[node]! > maxDepth) maxDepth = depth[node]!;
    order[at] = node;
    position[node] = at;
    node = following(node, first, next, parent);
  }
  return {
    size,
    parent,
    depth,
    maxDepth,
    order,
    position,
    end: ends(order, position, parent),
    children,
    roots,
    rank,
    cut,
  };
}

function following(node: number, first: Int32Array, next: Int32Array, parent: Int32Array): number {
  if (first[node]! >= 0) return first[node]!;
  let from = node;
  while (from >= 0 && next[from]! < 0) from = parent[from]!;
  return from < 0 ? -1 : next[from]!;
}

function ends(order: Int32Array, position: Int32Array, parent: Int32Array): Int32Array {
  const end = new Int32Array(order.length);
  for (let at = order.length - 1; at >= 0; at--) {
    const node = order[at]!;
    if (end[node] === 0) end[node] = position[node]! + 1;
    const above = parent[node]!;
    if (above >= 0 && end[above]! < end[node]!) end[above] = end[node]!;
  }
  return end;
}

/** The parents, with each circle opened at its earliest member. */
function withoutCircles({ parent: told, size, start }: TraceColumns) {
  const parent = told.slice();
  const cut: number[] = [];
  const walk = new Int32Array(size); // in which walk upwards a node was met first
  for (let from = 0; from < size; from++) {
    let node = from;
    while (node >= 0 && node < size && walk[node] === 0) {
      walk[node] = from + 1;
      node = parent[node]!;
    }
    if (node < 0 || node >= size || walk[node] !== from + 1) continue;
    const opened = earliestInCircle(node, parent, start);
    parent[opened] = -1;
    cut.push(opened);
  }
  return { parent, cut };
}

function earliestInCircle(inside: number, parent: Int32Array, start: Float64Array): number {
  let earliest = inside;
  for (let node = parent[inside]!; node !== inside; node = parent[node]!) {
    if (start[node]! < start[earliest]! || (start[node] === start[earliest] && node < earliest))
      earliest = node;
  }
  return earliest;
}

function siblings(parent: Int32Array, start: Float64Array) {
  const size = parent.length;
  const first = new Int32Array(size).fill(-1);
  const next = new Int32Array(size).fill(-1);
  const children = new Int32Array(size);
  const byStart = inOrderOfStart(start);
  let firstRoot = -1;
  for (let at = size - 1; at >= 0; at--) {
    const node = byStart[at]!;
    const above = parent[node]!;
    if (above < 0) {
      next[node] = firstRoot;
      firstRoot = node;
    } else {
      next[node] = first[above]!;
      first[above] = node;
      children[above]!++;
    }
  }
  return { first, next, firstRoot, children, ...ranks(byStart, parent) };
}

function ranks(byStart: Int32Array, parent: Int32Array) {
  const rank = new Int32Array(parent.length);
  const seen = new Int32Array(parent.length + 1);
  for (const node of byStart) rank[node] = ++seen[parent[node]! + 1]!;
  return { rank, roots: seen[0]! };
}

/** Sorted already but for the missing parents at its end, which is what it is quick at. */
function inOrderOfStart(start: Float64Array): Int32Array {
  const order = Int32Array.from(start, (_, node) => node);
  let sorted = 1;
  while (sorted < start.length && start[sorted]! >= start[sorted - 1]!) sorted++;
  if (sorted >= start.length) return order;
  const compare = (a: number, b: number) => start[a]! - start[b]! || a - b;
  const rest = order.slice(sorted).sort(compare);
  for (let at = start.length - 1, left = sorted - 1, right = rest.length - 1; right >= 0; at--) {
    if (left >= 0 && start[left]! > start[rest[right]!]!) order[at] = left--;
    else order[at] = rest[right--]!;
  }
  return order;
}

/** The node's ancestors, nearest first. */
export function* ancestors(tree: Tree, node: number): Generator<number> {
  for (let above = tree.parent[node]!; above >= 0; above = tree.parent[above]!) yield above;
}

/** Whether more siblings follow the node below it. */
export function hasLaterSibling(tree: Tree, node: number): boolean {
  return tree.rank[node]! < siblingsOf(tree, node);
}

/** How many there are with the node's parent, the node included. */
export function siblingsOf(tree: Tree, node: number): number {
  const above = tree.parent[node]!;
  return above < 0 ? tree.roots : tree.children[above]!;
}
