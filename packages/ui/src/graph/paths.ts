import type { Groups } from '../statistics/groups.ts';
import type { TraceColumns } from '../trace/columns.ts';
import type { Tree } from '../trace/tree.ts';

/**
 * Spans grouped by the way that leads to them: by their operation and their parent's path. An operation that is above
 * itself is folded: its spans belong to the path above, and so does what follows them.
 *
 * ```
 * a > b > a > c     has the paths a, a b, a c
 * ```
 *
 * Hot: one look-up per span; the way upwards is walked once per path and operation (statistics.bench.ts).
 */
export function pathsOf(
  { count: operations, of: operationOf }: Groups,
  columns: TraceColumns,
  tree: Tree,
): Groups {
  const of = new Int32Array(columns.spans);
  const first: number[] = [];
  /** Of each path: the one above it, and its operation. */
  const above: number[] = [];
  const operation: number[] = [];
  const known = new Map<number, number>();
  /** By operation: 1 once it has a path. Most ways upwards need not be walked. */
  const met = new Uint8Array(operations);
  const inPath = (path: number, wanted: number) => {
    let at = path;
    while (at >= 0 && operation[at] !== wanted) at = above[at]!;
    return at;
  };
  for (const span of tree.order) {
    if (span >= columns.spans) continue;
    const parent = tree.parent[span]!;
    const parentPath = parent < 0 || parent >= columns.spans ? -1 : of[parent]!;
    const wanted = operationOf[span]!;
    const key = (parentPath + 1) * operations + wanted;
    let path = known.get(key);
    if (path === undefined) {
      path = met[wanted] ? inPath(parentPath, wanted) : -1;
      if (path < 0) {
        path = first.push(span) - 1;
        above.push(parentPath);
        operation.push(wanted);
        met[wanted] = 1;
      }
      known.set(key, path);
    }
    of[span] = path;
  }
  return { count: first.length, of, first: Int32Array.from(first) };
}
