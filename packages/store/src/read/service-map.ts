import type { Engine } from '../engine/engine.ts';
import { Bound } from './bound.ts';
import { inMinutes } from './catalog.ts';
import { quantile } from './quantiles.ts';
import type { ReadOptions, ServiceMap, TimeRange } from './trace-store.ts';

/** Kinds of spans that begin a service's work: server and consumer. */
export const entryKinds = '(2, 5)';

interface EdgeRow {
  readonly caller: string;
  readonly callee: string;
  readonly its_calls: number;
  readonly its_errors: number;
  readonly histogram: readonly [string[], string[]];
}

/** Services with the calls that they received (of those without any such span: all their spans), and who calls whom. */
export async function serviceMap(
  engine: Engine,
  range: TimeRange,
  { abort }: ReadOptions = {},
): Promise<ServiceMap> {
  const bound = new Bound();
  const minutes = inMinutes(range, bound);
  const [nodes, edges] = await Promise.all([
    engine.query<ServiceMap['nodes'][number]>(
      `SELECT service,
         toFloat64(if(sumIf(r.calls, kind IN ${entryKinds}) > 0, sumIf(r.calls, kind IN ${entryKinds}), sum(r.calls))) AS calls,
         toFloat64(if(sumIf(r.calls, kind IN ${entryKinds}) > 0, sumIf(r.errors, kind IN ${entryKinds}), sum(r.errors))) AS errors
       FROM red AS r WHERE ${minutes} GROUP BY service ORDER BY service`,
      { params: bound.params, abort },
    ),
    engine.query<EdgeRow>(
      `SELECT caller, callee, toFloat64(sum(calls)) AS its_calls, toFloat64(sum(errors)) AS its_errors,
         sumMap(buckets) AS histogram
       FROM edges WHERE ${minutes} GROUP BY caller, callee ORDER BY caller, callee`,
      { params: bound.params, abort },
    ),
  ]);
  return {
    nodes,
    edges: edges.map(({ caller, callee, its_calls, its_errors, histogram: [buckets, counts] }) => {
      const durations = { buckets: buckets.map(Number), counts: counts.map(Number) };
      return {
        from: caller,
        to: callee,
        calls: its_calls,
        errors: its_errors,
        p50: quantile(durations, 0.5),
        p95: quantile(durations, 0.95),
      };
    }),
  };
}
