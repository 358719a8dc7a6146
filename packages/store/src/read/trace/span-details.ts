import type { SpanId, TraceId } from '@throughline/model';
import type { Engine } from '../../engine/engine.ts';
import { Bound } from '../bound.ts';
import { linkEnds, linksTo } from './link-ends.ts';
import { readSpans } from './stored-spans.ts';
import { placeOf } from './trace-place.ts';
import type { ReadOptions, StoredSpan } from '../trace-store.ts';

/** One span; where several have the id, the `nth` by start. */
export async function spanDetails(
  engine: Engine,
  traceId: TraceId,
  spanId: SpanId,
  { nth = 1, ...options }: ReadOptions & { readonly nth?: number } = {},
): Promise<StoredSpan | undefined> {
  const place = await placeOf(engine, traceId, options);
  if (!place) return undefined;
  const bound = new Bound();
  const where = `${place.where(bound)} AND span_id = ${bound.spanId(spanId)}`;
  const [spans, linkedFrom] = await Promise.all([
    readSpans(engine, where, bound, options),
    linksTo(engine, traceId, spanId, options),
  ]);
  const span = spans[nth - 1];
  if (!span) return undefined;
  const [links] = await linkEnds(engine, [span.links], options);
  return { span, links: links!, linkedFrom };
}
