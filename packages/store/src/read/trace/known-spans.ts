import type { TraceId } from '@throughline/model';
import { spanKey } from '@throughline/wire';
import type { Engine } from '../../engine/engine.ts';
import { slotOf } from '../../slots.ts';
import { Bound } from '../bound.ts';
import { nativeBlocks } from '../native-rows.ts';
import { endOf, traceHeads } from '../search/summaries.ts';
import type { ReadOptions } from '../trace-store.ts';

/** `spanKey`s of all stored spans of the traces. */
export async function knownSpans(
  engine: Engine,
  ids: readonly TraceId[],
  options: ReadOptions = {},
): Promise<Set<string>> {
  const known = new Set<string>();
  const heads = [...(await traceHeads(engine, ids, options)).values()];
  if (heads.length === 0) return known;
  const slots = heads.flatMap((head) => [slotOf(head.start), slotOf(endOf(head))]);
  const bound = new Bound();
  const [first, last] = [Math.min(...slots), Math.max(...slots)];
  const answer = await engine.queryNative(
    `SELECT trace_id, span_id, start FROM spans
     WHERE slot BETWEEN ${bound.value('UInt32', first)} AND ${bound.value('UInt32', last)}
       AND trace_id IN ${bound.traceIds(heads.map(({ traceId }) => traceId))}`,
    { params: bound.params, abort: options.abort },
  );
  for (const block of nativeBlocks(answer)) {
    const [trace, span, start] = [block.column('trace_id'), block.column('span_id'), block.column('start')];
    for (let row = 0; row < block.rows; row++)
      known.add(
        spanKey(trace.bytes(row).toString('hex'), span.bytes(row).toString('hex'), start.bigint(row)),
      );
  }
  return known;
}
