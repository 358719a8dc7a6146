import type { Engine } from '../../engine/engine.ts';
import { Bound } from '../bound.ts';
import { inMinutes } from '../catalog.ts';
import { focusMap } from './service-map-focus.ts';
import { drawMap } from './service-map-shape.ts';
import type { Histogram } from '../quantiles.ts';
import type { MapQuery, ReadOptions, ServiceMap } from '../trace-store.ts';

/** Kinds of spans that begin a service's work: server and consumer. */
export const entryKinds = '(2, 5)';

interface Row {
  readonly its_calls: number;
  readonly its_errors: number;
  readonly histogram: readonly [string[], string[]];
}

interface ServiceRow extends Row {
  readonly service: string;
}

interface EdgeRow extends Row {
  readonly kind: number;
  readonly caller: string;
  readonly callee: string;
  readonly waits: readonly [string[], string[]];
}

/** Services with the calls that they received (of those without any such span: all their spans), and who calls whom. */
export async function serviceMap(
  engine: Engine,
  query: MapQuery,
  { abort }: ReadOptions = {},
): Promise<ServiceMap> {
  const bound = new Bound();
  const minutes = inMinutes(query, bound);
  const [services, edges] = await Promise.all([
    engine.query<ServiceRow>(
      `SELECT service, toFloat64(sum(r.calls)) AS its_calls, toFloat64(sum(r.errors)) AS its_errors, sumMap(buckets) AS histogram
       FROM red AS r
       WHERE ${minutes} AND (kind IN ${entryKinds} OR service NOT IN (SELECT service FROM red WHERE ${minutes} AND kind IN ${entryKinds}))
       GROUP BY service`,
      { params: bound.params, abort },
    ),
    engine.query<EdgeRow>(
      `SELECT kind, caller, callee, toFloat64(toInt64(sum(calls))) AS its_calls, toFloat64(toInt64(sum(errors))) AS its_errors,
         sumMap(buckets) AS histogram, sumMap(lags) AS waits
       FROM edges WHERE ${minutes} GROUP BY kind, caller, callee`,
      { params: bound.params, abort },
    ),
  ]);
  const map = drawMap(
    services.map((row) => ({ service: row.service, ...sumsOf(row) })),
    edges.map((row) => ({
      kind: row.kind,
      from: row.caller,
      to: row.callee,
      ...sumsOf(row),
      lags: histogramOf(row.waits),
    })),
  );
  return query.focus === undefined ? map : focusMap(map, query.focus);
}

function sumsOf({ its_calls, its_errors, histogram }: Row) {
  return { calls: its_calls, errors: its_errors, durations: histogramOf(histogram) };
}

/** Counts of what was taken back are below zero modulo 2^64, where what it was taken from is not in the range. */
function histogramOf([buckets, counts]: readonly [string[], string[]]): Histogram {
  return {
    buckets: buckets.map(Number),
    counts: counts.map((count) => Math.max(0, Number(BigInt.asIntN(64, BigInt(count))))),
  };
}
