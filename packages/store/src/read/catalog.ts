import { spanKinds } from '@throughline/model';
import type { Engine } from '../engine/engine.ts';
import { Bound } from './bound.ts';
import { minuteOf } from './minutes.ts';
import type {
  Counts,
  OperationCount,
  OperationsQuery,
  ReadOptions,
  ServiceCount,
  TimeRange,
} from './trace-store.ts';

export async function counts(engine: Engine, { abort }: ReadOptions = {}): Promise<Counts> {
  const [row] = await engine.query<Counts>(
    `SELECT toFloat64((SELECT count() FROM spans)) AS spans, toFloat64((SELECT count() FROM logs)) AS logs`,
    { abort },
  );
  return row!;
}

export async function services(
  engine: Engine,
  range: TimeRange,
  { abort }: ReadOptions = {},
): Promise<ServiceCount[]> {
  const bound = new Bound();
  return engine.query<ServiceCount>(
    `SELECT service AS name, toFloat64(sum(calls)) AS spans, toFloat64(sum(r.errors)) AS errors
     FROM red AS r WHERE ${inMinutes(range, bound)} GROUP BY service ORDER BY service`,
    { params: bound.params, abort },
  );
}

export async function operations(
  engine: Engine,
  query: OperationsQuery,
  { abort }: ReadOptions = {},
): Promise<OperationCount[]> {
  const bound = new Bound();
  const ofService = query.service === undefined ? '1' : `service = ${bound.string(query.service)}`;
  const rows = await engine.query<Omit<OperationCount, 'kind'> & { kind: number }>(
    `SELECT service, name, kind, toFloat64(sum(calls)) AS spans
     FROM red WHERE ${ofService} AND ${inMinutes(query, bound)}
     GROUP BY service, name, kind ORDER BY spans DESC, service, name, kind
     LIMIT ${bound.value('UInt32', query.limit)}`,
    { params: bound.params, abort },
  );
  return rows.map((row) => ({ ...row, kind: spanKinds[row.kind]! }));
}

/** Minutes that lie in the range, wholly or in part. */
export function inMinutes({ start, end }: TimeRange, bound: Bound): string {
  const from = start === undefined ? 0 : minuteOf(start);
  const to = end === undefined ? 2 ** 32 - 1 : minuteOf(end - 1n);
  return `minute BETWEEN ${bound.value('UInt32', from)} AND ${bound.value('UInt32', Math.max(0, to))}`;
}
