import type { TraceId } from '@throughline/model';
import type { Engine } from '../../engine/engine.ts';
import type { Bound } from '../bound.ts';
import { slotOf } from '../../slots.ts';
import { endOf, traceHeads, type TraceHead } from '../search/summaries.ts';
import type { ReadOptions } from '../trace-store.ts';

/** Ends a query for a few granules: threads would only wait for each other. */
export const aimed = 'SETTINGS max_threads = 1';

/** Where the rows of a trace are: what makes reading them a look at a few granules. */
export interface TracePlace {
  readonly head: TraceHead;
  /** WHERE condition that holds for the trace's spans. */
  where(bound: Bound): string;
}

export async function placeOf(
  engine: Engine,
  id: TraceId,
  options: ReadOptions,
): Promise<TracePlace | undefined> {
  const head = (await traceHeads(engine, [id], options)).get(id);
  if (!head) return undefined;
  return {
    head,
    where(bound) {
      const first = bound.value('UInt32', slotOf(head.start));
      // Its spans start at its end at the latest.
      const last = bound.value('UInt32', slotOf(endOf(head)));
      return `slot BETWEEN ${first} AND ${last} AND trace_id = ${bound.traceId(id)}`;
    },
  };
}
