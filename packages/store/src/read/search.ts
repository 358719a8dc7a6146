import type { Engine } from '../engine/engine.ts';
import { newestTraces } from './newest-traces.ts';
import { orderedTraces } from './ordered-traces.ts';
import { spanCondition } from './span-condition.ts';
import { summaries } from './summaries.ts';
import type { ReadOptions, TracePage, TraceQuery } from './trace-store.ts';

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
