import type { Statistics } from '@throughline/query/api';
import { statusError, type TraceColumns } from '../trace/columns.ts';
import type { Tree } from '../trace/tree.ts';
import { groupsOf, type GroupBy } from './groups.ts';
import { quantile } from './quantile.ts';
import { selfTimes } from './self-times.ts';

export type StatisticsRow = Statistics['rows'][number];

/** The rows of one trace, those with most self time first. */
export function traceStatistics(columns: TraceColumns, tree: Tree, by: GroupBy): StatisticsRow[] {
  const { count, of, first } = groupsOf(columns, by);
  const self = selfTimes(columns, tree);
  const sums = Array.from({ length: count }, () => ({ errors: 0, total: 0, self: 0 }));
  const durations = durationsOf(columns, of, count);
  for (let span = 0; span < columns.spans; span++) {
    const sum = sums[of[span]!]!;
    if (columns.status[span] === statusError) sum.errors++;
    sum.total += Math.max(0, columns.duration[span]!);
    sum.self += self[span]!;
  }
  return sums
    .map((sum, group): StatisticsRow => {
      const sorted = durations[group]!.sort();
      const span = first[group]!;
      return {
        service: columns.services[columns.service[span]!]!,
        ...(by === 'operation' && { operation: columns.names[columns.name[span]!]! }),
        spans: sorted.length,
        ...sum,
        p50: quantile(sorted, 0.5),
        p95: quantile(sorted, 0.95),
        max: sorted.at(-1)!,
      };
    })
    .sort((a, b) => b.self - a.self);
}

/** By group the durations of its spans; those below zero count as none. */
function durationsOf({ duration, spans }: TraceColumns, of: Int32Array, count: number): Float64Array[] {
  const sizes = new Uint32Array(count);
  for (const group of of) sizes[group]!++;
  const durations = Array.from(sizes, (size) => new Float64Array(size));
  for (let span = spans - 1; span >= 0; span--) {
    const group = of[span]!;
    durations[group]![--sizes[group]!] = Math.max(0, duration[span]!);
  }
  return durations;
}
