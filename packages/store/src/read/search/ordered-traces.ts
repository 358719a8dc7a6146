import type { TraceId } from '@throughline/model';
import type { Engine } from '../../engine/engine.ts';
import { Bound } from '../bound.ts';
import { cursorText, readCursor } from './cursor.ts';
import { slotOf } from '../../slots.ts';
import type { SpanCondition } from './span-condition.ts';
import { traceHeads, type TraceHead } from './summaries.ts';
import type { SortOrder, TraceQuery } from '../trace-query.ts';
import type { ReadOptions } from '../trace-store.ts';

/** A page of traces without what only spans tell. */
export interface Heads {
  readonly heads: readonly TraceHead[];
  readonly nextCursor?: string;
}

const length = 'toInt64(toUnixTimestamp64Nano(finish) - toUnixTimestamp64Nano(begin))';
const begin = 'toUnixTimestamp64Nano(begin)';
/** Every order as the expression that it sorts by and a direction; what is equal comes in the order of trace ids. */
const orders: Record<SortOrder, readonly [value: string, direction: 'ASC' | 'DESC']> = {
  newest: [begin, 'DESC'],
  oldest: [begin, 'ASC'],
  longest: [length, 'DESC'],
  shortest: [length, 'ASC'],
  most_spans: ['toInt64(sum(t.spans))', 'DESC'],
  most_errors: ['toInt64(sum(t.errors))', 'DESC'],
};

/** A page in any order: looks at every trace of the range. */
export async function orderedTraces(
  engine: Engine,
  query: TraceQuery,
  condition: SpanCondition,
  options: ReadOptions = {},
): Promise<Heads> {
  const bound = new Bound();
  const spans = condition(bound);
  const [value, direction] = orders[query.sort];
  const start = bound.time(query.start);
  const end = bound.time(query.end);
  // A trace may have several rows, of which each knows a part: all of them count, not only those in the range.
  const having = [`begin >= ${start}`, `begin < ${end}`, ...lengthConditions(query, length, bound)];
  if (query.cursor !== undefined) {
    const { value: last, traceId } = readCursor(query.cursor, query.sort);
    const [at, id] = [bound.value('Int64', last), bound.traceId(traceId)];
    having.push(
      `(${value} ${direction === 'DESC' ? '<' : '>'} ${at} OR (${value} = ${at} AND t.trace_id > ${id}))`,
    );
  }
  const matching =
    spans === '1'
      ? ''
      : `AND t.trace_id IN (SELECT trace_id FROM spans
           WHERE slot >= ${bound.value('UInt32', slotOf(query.start))} AND start >= ${start} AND ${spans})`;
  const rows = await engine.query<{ id: TraceId; value: string }>(
    `SELECT lower(hex(t.trace_id)) AS id, min(t.start) AS begin, max(t.end) AS finish, ${value} AS value
     FROM traces AS t
     WHERE t.trace_id IN (SELECT trace_id FROM traces WHERE start >= ${start} AND start < ${end}) ${matching}
     GROUP BY t.trace_id
     HAVING ${having.join(' AND ')}
     ORDER BY value ${direction}, t.trace_id
     LIMIT ${query.limit + 1}`,
    { params: bound.params, abort: options.abort },
  );
  const page = rows.slice(0, query.limit);
  const found = await traceHeads(
    engine,
    page.map(({ id }) => id),
    options,
  );
  const heads = page.flatMap(({ id }) => found.get(id) ?? []);
  if (rows.length <= query.limit) return { heads };
  const last = page.at(-1)!;
  const cursor = { sort: query.sort, value: BigInt(last.value), traceId: last.id, until: 0n, given: [] };
  return { heads, nextCursor: cursorText(cursor) };
}

/** `nanos` is the SQL for a trace's length. */
export function lengthConditions(query: TraceQuery, nanos: string, bound: Bound): string[] {
  const { minTraceDuration: min, maxTraceDuration: max } = query;
  return [
    ...(min === undefined ? [] : [`${nanos} >= ${bound.number(min)}`]),
    ...(max === undefined ? [] : [`${nanos} <= ${bound.number(max)}`]),
  ];
}
