import type { Engine } from '../../engine/engine.ts';
import { slotOf } from '../../slots.ts';
import { Bound } from '../bound.ts';
import { newestTraces } from '../search/newest-traces.ts';
import { orderedTraces } from '../search/ordered-traces.ts';
import { spanCondition } from '../search/span-condition.ts';
import type { Statistics, StatisticsQuery } from './statistics-query.ts';
import { boundsOf, type TraceHead } from '../search/summaries.ts';
import type { ReadOptions } from '../trace-store.ts';

/** Traces beyond these are left out, but for the first: what is computed of them must fit into memory. */
const mostSpans = 2_000_000;
const mostRows = 5_000;

interface Row {
  readonly its_service: string;
  readonly its_operation: string;
  readonly its_spans: number;
  readonly its_errors: number;
  readonly quantiles: readonly [number, number];
  readonly its_max: number;
  readonly its_total: number;
  readonly its_self: number;
  readonly all_spans: number;
  readonly all_self: number;
  readonly all_rows: number;
}

/** Where the time goes in the traces that a search finds. All their spans count, not only those that match. */
export async function statistics(
  engine: Engine,
  query: StatisticsQuery,
  options: ReadOptions = {},
): Promise<Statistics> {
  const condition = await spanCondition(engine, query, options);
  const find = query.sort === 'newest' ? newestTraces : orderedTraces;
  const { heads: found, nextCursor } = await find(engine, query, condition, options);
  const heads = atMost(mostSpans, found);
  const complete = nextCursor === undefined && heads.length === found.length;
  if (heads.length === 0) return { traces: 0, spans: 0, complete, self: 0, count: 0, rows: [] };
  const bound = new Bound();
  const sql = statisticsSql(query, heads, bound);
  const rows = await engine.query<Row>(sql, { params: bound.params, abort: options.abort });
  return {
    traces: heads.length,
    spans: rows[0]?.all_spans ?? 0,
    complete,
    self: rows[0]?.all_self ?? 0,
    count: rows[0]?.all_rows ?? 0,
    rows: rows.map((row) => ({
      service: row.its_service,
      ...(query.by === 'operation' && { operation: row.its_operation }),
      spans: row.its_spans,
      errors: row.its_errors,
      p50: row.quantiles[0],
      p95: row.quantiles[1],
      max: row.its_max,
      total: row.its_total,
      self: row.its_self,
    })),
  };
}

/** The first traces, as long as they have so many spans together; one in any case. */
function atMost(spans: number, heads: readonly TraceHead[]): readonly TraceHead[] {
  let sum = 0;
  const end = heads.findIndex((head) => (sum += head.spans) > spans);
  return end < 0 ? heads : heads.slice(0, Math.max(1, end));
}

/**
 * `covered` are the spans that have children, each with the time that these take together within it. Where spans share
 * an id, the earliest of them has the children, as in a timeline. (Spans in a circle of parents cover each other.)
 */
function statisticsSql(query: StatisticsQuery, heads: readonly TraceHead[], bound: Bound): string {
  const { start, end } = boundsOf(heads);
  const where = `slot BETWEEN ${bound.value('UInt32', slotOf(start))} AND ${bound.value('UInt32', slotOf(end))}
      AND trace_id IN ${bound.traceIds(heads.map(({ traceId }) => traceId))}`;
  const operation = query.by === 'operation' ? 'name' : `''`;
  const group = `service AS its_service, ${operation} AS its_operation`;
  const times = 'toUnixTimestamp64Nano(start) AS begin, begin + greatest(duration, 0) AS finish';
  return `
    SELECT its_service, its_operation, its_spans, its_errors, quantiles, its_max, its_total,
      its_total - its_taken AS its_self,
      sum(its_spans) OVER () AS all_spans, sum(its_self) OVER () AS all_self, toFloat64(count() OVER ()) AS all_rows
    FROM (
      SELECT ${group}, toFloat64(count()) AS its_spans, toFloat64(countIf(status = 2)) AS its_errors,
        quantilesExactInclusive(0.5, 0.95)(greatest(duration, 0)) AS quantiles,
        toFloat64(max(greatest(duration, 0))) AS its_max, toFloat64(sum(greatest(duration, 0))) AS its_total
      FROM spans WHERE ${where} GROUP BY its_service, its_operation
    ) AS every
    LEFT JOIN (
      SELECT of.1 AS its_service, of.2 AS its_operation, toFloat64(sum(of.3)) AS its_taken
      FROM (
        SELECT argMin((its_service, its_operation, taken), (parent_begin, parent_finish)) AS of
        FROM (
          SELECT child.trace_id AS of_trace, child.parent_span_id AS of_span,
            its_service, its_operation, parent.begin AS parent_begin, parent.finish AS parent_finish,
            intervalLengthSumIf(
              greatest(child.begin, parent.begin), least(child.finish, parent.finish),
              least(child.finish, parent.finish) > greatest(child.begin, parent.begin)) AS taken
          FROM (
            SELECT trace_id, parent_span_id, ${times} FROM spans
            WHERE ${where} AND parent_span_id NOT IN (span_id, toFixedString(unhex('0000000000000000'), 8))
          ) AS child
          INNER JOIN (SELECT trace_id, span_id, ${group}, ${times} FROM spans WHERE ${where}) AS parent
          ON child.trace_id = parent.trace_id AND child.parent_span_id = parent.span_id
          GROUP BY of_trace, of_span, its_service, its_operation, parent_begin, parent_finish
        )
        GROUP BY of_trace, of_span
      )
      GROUP BY its_service, its_operation
    ) AS covered USING (its_service, its_operation)
    ORDER BY its_self DESC, its_service, its_operation
    LIMIT ${mostRows}`;
}
