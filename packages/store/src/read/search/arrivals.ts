import type { TraceId } from '@throughline/model';
import type { Engine } from '../../engine/engine.ts';
import { Bound } from '../bound.ts';
import { lengthConditions } from './ordered-traces.ts';
import { spanCondition } from './span-condition.ts';
import type { TraceQuery } from '../trace-query.ts';
import type { Arrival, Arrivals, ReadOptions } from '../trace-store.ts';

/** Reads only the newest parts of the tables, as each part knows when its rows were received. */
export async function arrivals(
  engine: Engine,
  query: TraceQuery,
  { since, except, limit }: Arrivals,
  options: ReadOptions = {},
): Promise<Arrival[]> {
  const condition = await spanCondition(engine, query, options);
  const bound = new Bound();
  const conditions = [
    `received >= toDateTime(${bound.value('UInt32', since)}, 'UTC')`,
    condition(bound),
    `trace_id NOT IN ${bound.traceIds(except)}`,
  ];
  const length = '(toUnixTimestamp64Nano(max(end)) - toUnixTimestamp64Nano(min(start)))';
  const lengths = lengthConditions(query, length, bound);
  if (lengths.length > 0)
    conditions.push(
      `trace_id IN (SELECT trace_id FROM traces WHERE trace_id IN
         (SELECT trace_id FROM traces WHERE received >= toDateTime(${bound.value('UInt32', since)}, 'UTC'))
       GROUP BY trace_id HAVING ${lengths.join(' AND ')})`,
    );
  const rows = await engine.query<{ id: TraceId; arrived: number }>(
    `SELECT lower(hex(trace_id)) AS id, toUnixTimestamp(min(received)) AS arrived
     FROM spans WHERE ${conditions.join(' AND ')}
     GROUP BY trace_id ORDER BY arrived, max(start), trace_id LIMIT ${bound.value('UInt32', limit)}`,
    { params: bound.params, abort: options.abort },
  );
  return rows.map(({ id, arrived }) => ({ traceId: id, received: arrived }));
}
