import type { Engine } from '../../engine/engine.ts';
import { Bound } from '../bound.ts';
import { inMinutes } from '../catalog.ts';
import { atLeast } from './log-condition.ts';
import type { LogServiceCount } from './log-query.ts';
import type { ReadOptions, TimeRange } from '../trace-store.ts';

const error = 17;

/** Services that have log records in the minutes that the range touches, by name. */
export function logServices(
  engine: Engine,
  range: TimeRange,
  { abort }: ReadOptions = {},
): Promise<LogServiceCount[]> {
  const bound = new Bound();
  return engine.query<LogServiceCount>(
    `SELECT service AS name, toFloat64(count()) AS logs, toFloat64(countIf(${atLeast(error, bound)})) AS errors
     FROM logs WHERE ${inMinutes(range, bound)} GROUP BY service ORDER BY service`,
    { params: bound.params, abort },
  );
}
