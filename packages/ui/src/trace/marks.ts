import { statusError, type TraceColumns } from './columns.ts';
import type { Tree } from './tree.ts';

/** What is remarkable about a node: bits of `Marks.flags`. */
export const mark = {
  error: 1,
  /** A span below it is in error. */
  errorBelow: 2,
  /** It starts before its parent does, which only clocks that differ can bring about. */
  early: 4,
  /** It starts after its parent has ended: work that nobody waited for. */
  late: 8,
  /** Its parent is not stored. */
  orphan: 16,
  /** It stands for a parent that is not stored. */
  missing: 32,
} as const;

export interface Marks {
  readonly flags: Uint8Array;
  /** Spans in error, in the order of the waterfall. */
  readonly errors: Int32Array;
}

/** Clocks of some SDKs tick in milliseconds: less says nothing about clocks. */
const tick = 1e6;

/** Hot: two passes over the nodes (tree.bench.ts). */
export function marksOf(columns: TraceColumns, tree: Tree): Marks {
  const { spans, size, start, duration, status } = columns;
  const flags = new Uint8Array(size);
  for (let node = 0; node < size; node++) {
    const above = tree.parent[node]!;
    if (status[node] === statusError) flags[node]! |= mark.error;
    if (node >= spans) flags[node]! |= mark.missing;
    if (above >= spans) flags[node]! |= mark.orphan;
    else if (above >= 0 && start[node]! < start[above]! - tick) flags[node]! |= mark.early;
    else if (above >= 0 && start[node]! > start[above]! + duration[above]!) flags[node]! |= mark.late;
  }
  for (let at = size - 1; at >= 0; at--) {
    const node = tree.order[at]!;
    const above = tree.parent[node]!;
    if (above >= 0 && flags[node]! & (mark.error | mark.errorBelow)) flags[above]! |= mark.errorBelow;
  }
  return { flags, errors: tree.order.filter((node) => (flags[node]! & mark.error) !== 0) };
}
