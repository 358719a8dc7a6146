import type { Groups } from '../statistics/groups.ts';
import type { TraceColumns } from '../trace/columns.ts';
import type { Tree } from '../trace/tree.ts';

/**
 * Of too many groups those with most self time, each with what led to it first, so that what stays hangs together.
 * `index`: the place of each group among those that stay, or -1. `folded`: how many are left out below each.
 */
export function mostTelling(
  { count, first, of }: Groups,
  self: Float64Array,
  columns: TraceColumns,
  tree: Tree,
  limit: number,
): { index: Int32Array; folded: Uint32Array } {
  const folded = new Uint32Array(count);
  if (count <= limit) return { index: Int32Array.from({ length: count }, (_, group) => group), folded };
  /** What led to it: of a group that was there before it, so that there are no circles. */
  const above = Int32Array.from(first, (span, group) => {
    const parent = tree.parent[span]!;
    const led = parent < 0 || parent >= columns.spans ? -1 : of[parent]!;
    return led < group ? led : -1;
  });
  const stays = new Uint8Array(count);
  let room = limit;
  for (const group of Int32Array.from(first.keys()).sort((a, b) => self[b]! - self[a]! || a - b)) {
    const wayUp: number[] = [];
    for (let at = group; at >= 0 && !stays[at] && wayUp.length <= room; at = above[at]!) wayUp.push(at);
    if (wayUp.length > room) continue;
    for (const each of wayUp) stays[each] = 1;
    room -= wayUp.length;
    if (room === 0) break;
  }
  for (let group = 0; group < count; group++) {
    if (stays[group]) continue;
    let at = group;
    while (at >= 0 && !stays[at]) at = above[at]!;
    if (at >= 0) folded[at]!++;
  }
  let place = 0;
  return { index: Int32Array.from(stays, (one) => (one ? place++ : -1)), folded };
}
