import { unixNanos, type SpanId, type SpanLink, type TraceId } from '@throughline/model';
import { decodeLink } from '@throughline/wire';
import type { Engine } from '../../engine/engine.ts';
import { Bound } from '../bound.ts';
import { slotOf } from '../../slots.ts';
import { nativeBlocks } from '../native-rows.ts';
import { endOf, traceHeads } from '../search/summaries.ts';
import type { IncomingLink, LinkEnd, ReadOptions } from '../trace-store.ts';

const mostLookedUp = 1_000;
const mostIncoming = 10_000;

/** Links of other spans to the trace, or to one span of it; at most 10,000. */
export async function linksTo(
  engine: Engine,
  traceId: TraceId,
  spanId: SpanId | undefined,
  { abort }: ReadOptions = {},
): Promise<IncomingLink[]> {
  const bound = new Bound();
  const ofSpan = spanId === undefined ? '' : `AND linked_span_id = ${bound.spanId(spanId)}`;
  const answer = await engine.queryNative(
    `SELECT linked_span_id, trace_id, span_id, start, service, name, link FROM links
     WHERE linked_trace_id = ${bound.traceId(traceId)} ${ofSpan}
     ORDER BY start, trace_id, span_id LIMIT ${mostIncoming}`,
    { params: bound.params, abort },
  );
  const found: IncomingLink[] = [];
  for (const block of nativeBlocks(answer)) {
    const column = (name: string) => block.column(name);
    for (let row = 0; row < block.rows; row++) {
      const link = decodeLink(column('link').bytes(row));
      found.push({
        targetSpanId: column('linked_span_id').bytes(row).toString('hex') as SpanId,
        traceId: column('trace_id').bytes(row).toString('hex') as TraceId,
        spanId: column('span_id').bytes(row).toString('hex') as SpanId,
        traceState: link.traceState,
        attributes: link.attributes,
        droppedAttributes: link.droppedAttributes,
        service: column('service').text(row),
        operation: column('name').text(row),
        start: unixNanos(column('start').bigint(row)),
      });
    }
  }
  return found;
}

interface Known {
  readonly service: string;
  readonly operation: string;
  readonly start: LinkEnd['start'] & {};
}

/** Adds what is stored of the spans that the links name; looks up at most 1,000 of them. */
export async function linkEnds(
  engine: Engine,
  links: readonly (readonly SpanLink[])[],
  options: ReadOptions = {},
): Promise<LinkEnd[][]> {
  const known = await linkedSpans(engine, links.flat().slice(0, mostLookedUp), options);
  return links.map((ofSpan) =>
    ofSpan.map(({ traceId, spanId, traceState, attributes, droppedAttributes }) => ({
      traceId,
      spanId,
      traceState,
      attributes,
      droppedAttributes,
      ...known.get(traceId + spanId),
    })),
  );
}

async function linkedSpans(
  engine: Engine,
  links: readonly SpanLink[],
  options: ReadOptions,
): Promise<Map<string, Known>> {
  const known = new Map<string, Known>();
  const heads = await traceHeads(engine, [...new Set(links.map(({ traceId }) => traceId))], options);
  const stored = links.filter(({ traceId }) => heads.has(traceId));
  if (stored.length === 0) return known;
  const bound = new Bound();
  const slots = [...heads.values()].map((head) => [slotOf(head.start), slotOf(endOf(head))] as const);
  const first = Math.min(...slots.map(([start]) => start));
  const last = Math.max(...slots.map(([, end]) => end));
  const rows = await engine.query<{ id: string; of_service: string; operation: string; began: string }>(
    `SELECT lower(concat(hex(trace_id), hex(span_id))) AS id, service AS of_service, name AS operation,
       toUnixTimestamp64Nano(start) AS began
     FROM spans
     WHERE slot BETWEEN ${bound.value('UInt32', first)} AND ${bound.value('UInt32', last)}
       AND trace_id IN ${bound.traceIds([...heads.keys()])}
       AND hex(span_id) IN ${bound.value(
         'Array(String)',
         stored.map(({ spanId }) => spanId.toUpperCase()),
       )}`,
    { params: bound.params, abort: options.abort },
  );
  for (const { id, of_service, operation, began } of rows)
    known.set(id, { service: of_service, operation, start: unixNanos(BigInt(began)) });
  return known;
}
