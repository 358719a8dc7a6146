import { spanKinds, statusCodes, unixNanos, type Span, type SpanId, type TraceId } from '@throughline/model';
import { decodeEventsAndLinks } from '@throughline/wire';
import type { Engine } from '../../engine/engine.ts';
import { attributeColumns, attributesReader } from '../attribute-maps.ts';
import type { Bound } from '../bound.ts';
import { nativeBlocks, type NativeBlockView } from '../native-rows.ts';
import { readSources, type Sources } from '../sources.ts';
import { aimed } from './trace-place.ts';
import type { ReadOptions } from '../trace-store.ts';

const columns = `trace_id, span_id, parent_span_id, trace_state, flags, name, kind, start, duration, status,
  status_message, resource_id, scope_id, ${attributeColumns}, events, links, dropped_attributes, dropped_events, dropped_links`;
const noId = '0000000000000000';

/** The spans for which `where` holds, whole, in the order of their starts. */
export async function readSpans(
  engine: Engine,
  where: string,
  bound: Bound,
  options: ReadOptions,
): Promise<Span[]> {
  const answer = await engine.queryNative(
    `SELECT ${columns} FROM spans WHERE ${where} ORDER BY start, span_id ${aimed}`,
    { params: bound.params, abort: options.abort },
  );
  const blocks = [...nativeBlocks(answer)];
  const sources = await sourcesOf(engine, blocks, options);
  return blocks.flatMap((block) => spansOf(block, sources));
}

/** The resources and scopes that the rows of the blocks name. */
export function sourcesOf(
  engine: Engine,
  blocks: readonly NativeBlockView[],
  options: ReadOptions,
): Promise<Sources> {
  const [resources, scopes] = [new Set<bigint>(), new Set<bigint>()];
  for (const block of blocks) {
    const [resource, scope] = [block.column('resource_id'), block.column('scope_id')];
    for (let row = 0; row < block.rows; row++) {
      resources.add(resource.bigint(row));
      scopes.add(scope.bigint(row));
    }
  }
  return readSources(engine, resources, scopes, options);
}

function spansOf(block: NativeBlockView, sources: Sources): Span[] {
  const number = (name: string) => block.column(name).number;
  const text = (name: string) => block.column(name).text;
  const hex = (name: string) => {
    const { bytes } = block.column(name);
    return (row: number) => bytes(row).toString('hex');
  };
  const [traceId, spanId, parent] = [hex('trace_id'), hex('span_id'), hex('parent_span_id')];
  const [name, message, state] = [text('name'), text('status_message'), text('trace_state')];
  const [kind, status, flags, duration] = ['kind', 'status', 'flags', 'duration'].map(number) as Column[];
  const [resource, scope, start] = [
    block.column('resource_id'),
    block.column('scope_id'),
    block.column('start'),
  ];
  const [attributesLost, eventsLost, linksLost] = [
    'dropped_attributes',
    'dropped_events',
    'dropped_links',
  ].map(number) as Column[];
  const [events, links] = [block.column('events'), block.column('links')];
  const attributes = attributesReader(block);
  return Array.from({ length: block.rows }, (_, row): Span => {
    const parentId = parent(row);
    return {
      traceId: traceId(row) as TraceId,
      spanId: spanId(row) as SpanId,
      parentSpanId: parentId === noId ? undefined : (parentId as SpanId),
      traceState: state(row),
      flags: flags!(row),
      name: name(row),
      kind: spanKinds[kind!(row)]!,
      start: unixNanos(start.bigint(row)),
      duration: duration!(row),
      status: statusCodes[status!(row)]!,
      statusMessage: message(row),
      attributes: attributes(row),
      events: decodeEventsAndLinks(events.bytes(row)).events,
      links: decodeEventsAndLinks(links.bytes(row)).links,
      droppedAttributes: attributesLost!(row),
      droppedEvents: eventsLost!(row),
      droppedLinks: linksLost!(row),
      resource: sources.resource(resource.bigint(row)),
      scope: sources.scope(scope.bigint(row)),
    };
  });
}

type Column = (row: number) => number;
