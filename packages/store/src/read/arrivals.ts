import type { TraceId } from '@throughline/model';
import type { Engine } from '../engine/engine.ts';
import { Bound } from './bound.ts';
import { lengthConditions } from './ordered-traces.ts';
import { spanCondition } from './span-condition.ts';
import { summaries, traceHeads } from './summaries.ts';
import type { Arrival, ReadOptions, TraceQuery } from './trace-store.ts';

const mostAtOnce = 200;

/** Reads only the newest parts of the tables, as each part knows when its rows were received. */
export async function arrivals(
  engine: Engine,
  query: TraceQuery,
  since: number,
  except: ReadonlySet<TraceId>,
  options: ReadOptions = {},
): Promise<Arrival[]> {
  const condition = await spanCondition(engine, query, options);
  const bound = new Bound();
  const lengths = lengthConditions(
    query,
    '(toUnixTimestamp64Nano(max(end)) - toUnixTimestamp64Nano(min(start)))',
    bound,
  );
  const known = bound.traceIds([...except]);
  const lasting =
    lengths.length === 0
      ? ''
      : `AND trace_id IN (SELECT trace_id FROM traces GROUP BY trace_id HAVING ${lengths.join(' AND ')})`;
  const rows = await engine.query<{ id: TraceId; arrived: number }>(
    `SELECT lower(hex(trace_id)) AS id, toUnixTimestamp(min(received)) AS arrived
     FROM spans
     WHERE received >= toDateTime(${bound.value('UInt32', since)}, 'UTC') AND ${condition(bound)}
       AND trace_id NOT IN ${known} ${lasting}
     GROUP BY trace_id ORDER BY arrived, max(start), trace_id LIMIT ${mostAtOnce}`,
    { params: bound.params, abort: options.abort },
  );
  const heads = await traceHeads(
    engine,
    rows.map(({ id }) => id),
    options,
  );
  const arrivedAt = new Map(rows.map(({ id, arrived }) => [id, arrived]));
  const found = await summaries(
    engine,
    rows.flatMap(({ id }) => heads.get(id) ?? []),
    condition,
    options,
  );
  return found.map((trace) => ({ received: arrivedAt.get(trace.traceId)!, trace }));
}
