import type { Engine } from '../../engine/engine.ts';
import { Bound } from '../bound.ts';
import { inMinutes } from '../catalog.ts';
import { quantile } from '../quantiles.ts';
import { entryKinds } from '../map/service-map.ts';
import type { ReadOptions, RedPoint, RedQuery, RedSeries } from '../trace-store.ts';

interface Row {
  readonly of_service: string;
  readonly operation: string;
  readonly time: number;
  readonly its_calls: number;
  readonly its_errors: number;
  readonly histogram: readonly [string[], string[]];
}

/**
 * Rate, errors and durations over time. Of a service its server and consumer spans count (all, where it has none in the
 * range); of an operation all its spans.
 */
export async function redSeries(
  engine: Engine,
  query: RedQuery,
  { abort }: ReadOptions = {},
): Promise<RedSeries[]> {
  const bound = new Bound();
  const byOperation = query.byOperation || query.operation !== undefined;
  const minutes = inMinutes(query, bound);
  const service = query.service === undefined ? '1' : `service = ${bound.string(query.service)}`;
  const operation = query.operation === undefined ? '1' : `name = ${bound.string(query.operation)}`;
  const step = bound.value('UInt32', query.step / 60);
  const key = byOperation ? 'service, name' : 'service';
  const where = `${minutes} AND ${service} AND ${operation}`;
  const counted = byOperation
    ? '1'
    : `(kind IN ${entryKinds} OR service NOT IN (SELECT service FROM red WHERE ${minutes} AND kind IN ${entryKinds}))`;
  const rows = await engine.query<Row>(
    `SELECT service AS of_service, ${byOperation ? 'name' : `''`} AS operation, toFloat64(intDiv(minute, ${step}) * ${step} * 60) AS time,
       toFloat64(sum(calls)) AS its_calls, toFloat64(sum(errors)) AS its_errors, sumMap(buckets) AS histogram
     FROM red
     WHERE ${where} AND ${counted}
       AND (${key}) IN (SELECT ${key} FROM red WHERE ${where} GROUP BY ${key} ORDER BY sum(calls) DESC, ${key} LIMIT ${bound.value('UInt32', query.limit)})
     GROUP BY of_service, operation, time`,
    { params: bound.params, abort },
  );
  return seriesOf(rows, query, byOperation);
}

function seriesOf(rows: readonly Row[], query: RedQuery, byOperation: boolean): RedSeries[] {
  const stepNanos = BigInt(query.step) * 1_000_000_000n;
  const first = Number(query.start / stepNanos) * query.step;
  const last = Number((query.end - 1n) / stepNanos) * query.step;
  const series = new Map<string, { service: string; operation: string; rows: Map<number, Row> }>();
  for (const row of rows) {
    const key = `${row.of_service}\0${row.operation}`;
    const known = series.get(key) ?? { service: row.of_service, operation: row.operation, rows: new Map() };
    known.rows.set(row.time, row);
    series.set(key, known);
  }
  const times = Array.from({ length: (last - first) / query.step + 1 }, (_, n) => first + n * query.step);
  return [...series.values()]
    .map(({ service, operation, rows: byTime }) => ({
      service,
      ...(byOperation && { operation }),
      points: times.map((time) => pointOf(time, byTime.get(time))),
    }))
    .sort((a, b) => callsOf(b) - callsOf(a) || (nameOf(a) < nameOf(b) ? -1 : 1));
}

function pointOf(time: number, row: Row | undefined): RedPoint {
  if (!row) return { time, calls: 0, errors: 0, p50: 0, p95: 0, p99: 0 };
  const [buckets, counts] = row.histogram;
  const durations = { buckets: buckets.map(Number), counts: counts.map(Number) };
  return {
    time,
    calls: row.its_calls,
    errors: row.its_errors,
    p50: quantile(durations, 0.5),
    p95: quantile(durations, 0.95),
    p99: quantile(durations, 0.99),
  };
}

function callsOf({ points }: RedSeries): number {
  return points.reduce((sum, { calls }) => sum + calls, 0);
}

function nameOf({ service, operation = '' }: RedSeries): string {
  return `${service}\0${operation}`;
}
