import type { TraceId } from '@throughline/model';
import type { Engine } from '../../engine/engine.ts';
import { newestTraces } from './newest-traces.ts';
import { orderedTraces } from './ordered-traces.ts';
import { spanCondition } from './span-condition.ts';
import { summaries, traceHeads } from './summaries.ts';
import type { SpanQuery, TracePage, TraceQuery, TraceSummary } from '../trace-query.ts';
import type { ReadOptions } from '../trace-store.ts';

/** One page of traces. Each page costs what it shows, not what lies before it. */
export async function searchTraces(
  engine: Engine,
  query: TraceQuery,
  options: ReadOptions = {},
): Promise<TracePage> {
  const condition = await spanCondition(engine, query, options);
  const find = query.sort === 'newest' ? newestTraces : orderedTraces;
  const { heads, nextCursor } = await find(engine, query, condition, options);
  const traces = await summaries(engine, heads, condition, options);
  return nextCursor === undefined ? { traces } : { traces, nextCursor };
}

/** Summaries of traces known by their ids. */
export async function summariesOf(
  engine: Engine,
  ids: readonly TraceId[],
  query: SpanQuery,
  options: ReadOptions = {},
): Promise<TraceSummary[]> {
  const [condition, heads] = await Promise.all([
    spanCondition(engine, query, options),
    traceHeads(engine, ids, options),
  ]);
  const known = ids.flatMap((id) => heads.get(id) ?? []);
  return summaries(engine, known, condition, options);
}
