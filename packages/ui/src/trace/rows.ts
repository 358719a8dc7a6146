import type { LogColumns } from './logs/logs.ts';
import type { Tree } from './tree.ts';

/** What the waterfall shows, top to bottom. */
export interface Rows {
  readonly count: number;
  /** By row: the node, or, for a log record, -1 - its index. */
  readonly content: Int32Array;
  /** By node: its row, or -1 where it is inside a folded branch. */
  readonly rowOf: Int32Array;
}

/** Hot: one pass over what is shown (tree.bench.ts). With `logs`, each record has a row below its span's. */
export function visibleRows(tree: Tree, folded: Uint8Array, logs?: LogColumns): Rows {
  const content = new Int32Array(tree.size + (logs?.records.length ?? 0));
  const rowOf = new Int32Array(tree.size).fill(-1);
  let count = 0;
  for (let at = 0; at < tree.size;) {
    const node = tree.order[at]!;
    rowOf[node] = count;
    content[count++] = node;
    if (logs) count = addLogs(content, count, logs, node);
    at = folded[node] ? tree.end[node]! : at + 1;
  }
  if (logs) count = addLogs(content, count, logs, tree.size);
  return { count, content: content.subarray(0, count), rowOf };
}

function addLogs(content: Int32Array, from: number, { at, of }: LogColumns, node: number): number {
  let count = from;
  for (let entry = at[node]!; entry < at[node + 1]!; entry++) content[count++] = -1 - of[entry]!;
  return count;
}

/** The record shown in a row, or -1 where the row shows a span. */
export function logOf(content: number): number {
  return content < 0 ? -1 - content : -1;
}

/** The row that shows the node or, where that is folded away, the nearest ancestor that is shown. */
export function rowShowing(tree: Tree, rows: Rows, node: number): number {
  let shown = node;
  while (shown >= 0 && rows.rowOf[shown]! < 0) shown = tree.parent[shown]!;
  return shown < 0 ? -1 : rows.rowOf[shown]!;
}

/** The next row with a span from `row` in steps of `step` (1 or -1), or -1. */
export function spanRow(rows: Rows, row: number, step: 1 | -1): number {
  for (let at = row + step; at >= 0 && at < rows.count; at += step) if (rows.content[at]! >= 0) return at;
  return -1;
}

/**
 * Ancestors to keep in sight above the rows that begin at `top`: the root and the nearest ones, at most `most`,
 * outermost first; only those whose own row has scrolled away or would be covered.
 */
export function pinnedAncestors(tree: Tree, rows: Rows, top: number, most: number): number[] {
  for (let covered = 0; covered <= most; covered++) {
    const pinned = hiddenAncestors(tree, rows, top + covered, most);
    if (pinned.length <= covered) return pinned;
  }
  return [];
}

function hiddenAncestors(tree: Tree, rows: Rows, row: number, most: number): number[] {
  const content = rows.content[Math.min(row, rows.count - 1)] ?? -1;
  if (content < 0) return [];
  const nearest: number[] = [];
  let root = -1;
  for (let above = tree.parent[content]!; above >= 0; above = tree.parent[above]!) {
    if (rows.rowOf[above]! >= row) continue;
    if (nearest.length < most) nearest.unshift(above);
    root = above;
  }
  return nearest.length < most || nearest[0] === root ? nearest : [root, ...nearest.slice(1)];
}
