import { serviceOf, type TraceId } from '@throughline/model';
import type { Engine } from '../../engine/engine.ts';
import { Bound } from '../bound.ts';
import { linkEnds, linksTo } from './link-ends.ts';
import { logsOfTrace } from '../logs/log-records.ts';
import { readSpans } from './stored-spans.ts';
import { ServiceShares } from '../search/service-shares.ts';
import { placeOf } from './trace-place.ts';
import { traceShape } from './trace-shape.ts';
import type { ReadOptions, StoredTrace } from '../trace-store.ts';
import { traceWarnings } from './trace-warnings.ts';

/** A trace with everything that is stored of it. */
export async function wholeTrace(
  engine: Engine,
  id: TraceId,
  nowS: number,
  options: ReadOptions = {},
): Promise<StoredTrace | undefined> {
  const place = await placeOf(engine, id, options);
  if (!place) return undefined;
  const bound = new Bound();
  const [spans, linkedFrom, logs] = await Promise.all([
    readSpans(engine, place.where(bound), bound, options),
    linksTo(engine, id, undefined, options),
    logsOfTrace(engine, id, options),
  ]);
  const links = await linkEnds(
    engine,
    spans.map((span) => span.links),
    options,
  );
  const ids = spans.map(({ spanId }) => spanId);
  const shape = traceShape(
    ids,
    spans.map(({ parentSpanId }) => parentSpanId ?? ''),
  );
  const starts = Float64Array.from(spans, ({ start }) => Number(start - place.head.start));
  const warnings = traceWarnings(place.head, shape, ids, starts, nowS);
  const services = new ServiceShares();
  for (const { resource, status, duration } of spans)
    services.add(serviceOf(resource), status === 'error', duration);
  const summary = { ...place.head, services: services.all(), matched: spans.length };
  return { summary, spans, links, linkedFrom, logs, warnings };
}
