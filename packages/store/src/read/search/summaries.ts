import { unixNanos, type TraceId } from '@throughline/model';
import type { Engine } from '../../engine/engine.ts';
import { Bound } from '../bound.ts';
import { slotOf } from '../../slots.ts';
import type { SpanCondition } from './span-condition.ts';
import type { ServiceShare, TraceSummary } from '../trace-query.ts';
import type { ReadOptions } from '../trace-store.ts';

interface TraceRow {
  readonly id: TraceId;
  readonly begin: string;
  readonly finish: string;
  readonly orphan: number;
  readonly service: string;
  readonly operation: string;
  readonly spans: number;
  readonly errors: number;
  readonly received: number;
}

/** Named apart from the columns, which the condition's SQL means. */
interface ShareRow {
  readonly of_trace: TraceId;
  readonly of_service: string;
  readonly its_spans: number;
  readonly its_errors: number;
  readonly its_duration: number;
  readonly its_matches: number;
}

/** When the traces start and end, for reading their spans. */
export interface TraceBounds {
  readonly start: bigint;
  readonly end: bigint;
}

/** A trace without its services and matches. */
export type TraceHead = Omit<TraceSummary, 'services' | 'matched'>;

const columns = `
  lower(hex(t.trace_id)) AS id,
  toUnixTimestamp64Nano(min(t.start)) AS begin,
  toUnixTimestamp64Nano(max(t.end)) AS finish,
  min(t.root).1 AS orphan,
  min(t.root).3 AS service,
  min(t.root).4 AS operation,
  toFloat64(sum(t.spans)) AS spans,
  toFloat64(sum(t.errors)) AS errors,
  toUnixTimestamp(max(t.received)) AS received`;

/** Parameters travel in the address of a request, for which servers have a limit. */
const idsAtOnce = 5_000;

/** What is known of the traces without reading spans, by id; unknown ids are missing. */
export async function traceHeads(
  engine: Engine,
  ids: readonly TraceId[],
  { abort }: ReadOptions = {},
): Promise<Map<TraceId, TraceHead>> {
  const heads = new Map<TraceId, TraceHead>();
  for (let from = 0; from < ids.length; from += idsAtOnce) {
    const bound = new Bound();
    const some = bound.traceIds(ids.slice(from, from + idsAtOnce));
    const rows = await engine.query<TraceRow>(
      `SELECT ${columns} FROM traces AS t WHERE t.trace_id IN ${some} GROUP BY t.trace_id`,
      { params: bound.params, abort },
    );
    for (const row of rows) heads.set(row.id, headOf(row));
  }
  return heads;
}

/** The traces in the order of `heads`, with their services and how many of their spans fulfil the condition. */
export async function summaries(
  engine: Engine,
  heads: readonly TraceHead[],
  condition: SpanCondition,
  { abort }: ReadOptions = {},
): Promise<TraceSummary[]> {
  if (heads.length === 0) return [];
  const bound = new Bound();
  const { start, end } = boundsOf(heads);
  const rows = await engine.query<ShareRow>(
    `SELECT
       lower(hex(trace_id)) AS of_trace,
       service AS of_service,
       toFloat64(count()) AS its_spans,
       toFloat64(countIf(status = 2)) AS its_errors,
       toFloat64(sum(duration)) AS its_duration,
       toFloat64(countIf(${condition(bound)})) AS its_matches
     FROM spans
     WHERE slot BETWEEN ${bound.value('UInt32', slotOf(start))} AND ${bound.value('UInt32', slotOf(end))}
       AND trace_id IN ${bound.traceIds(heads.map(({ traceId }) => traceId))}
     GROUP BY trace_id, service
     ORDER BY its_spans DESC, of_service`,
    { params: bound.params, abort },
  );
  const byTrace = new Map<TraceId, ShareRow[]>(heads.map(({ traceId }) => [traceId, []]));
  for (const row of rows) byTrace.get(row.of_trace)!.push(row);
  return heads.map((head) => {
    const shares = byTrace.get(head.traceId)!;
    return {
      ...head,
      services: shares.map(shareOf),
      matched: shares.reduce((sum, { its_matches }) => sum + its_matches, 0),
    };
  });
}

function shareOf(row: ShareRow): ServiceShare {
  return {
    name: row.of_service,
    spans: row.its_spans,
    errors: row.its_errors,
    duration: row.its_duration,
  };
}

export function endOf(head: TraceHead): bigint {
  return head.start + BigInt(head.duration);
}

/** When the first of them starts and the last ends; there is at least one. */
export function boundsOf(heads: readonly TraceHead[]): TraceBounds {
  let { start } = heads[0]! as { start: bigint };
  let end = start;
  for (const head of heads) {
    if (head.start < start) start = head.start;
    if (endOf(head) > end) end = endOf(head);
  }
  return { start, end };
}

function headOf(row: TraceRow): TraceHead {
  return {
    traceId: row.id,
    start: unixNanos(BigInt(row.begin)),
    duration: Number(BigInt(row.finish) - BigInt(row.begin)),
    rootService: row.service,
    rootOperation: row.operation,
    hasRoot: row.orphan === 0,
    spans: row.spans,
    errors: row.errors,
    received: row.received,
  };
}
