import { AttributeColumns, skipField } from './attributes.ts';
import { Block } from './block.ts';
import { copyBytes } from './bytes.ts';
import { CallFinder } from './calls/call-finder.ts';
import { cursor, uint32, varint } from './fields.ts';
import { KeyRollup } from './key-rollup.ts';
import { LinkBlock } from './link-block.ts';
import { ArrayColumn, DictionaryColumn, FixedColumn, StringColumn } from './native-columns.ts';
import { EdgeRollup, RedRollup } from './rollups.ts';
import { Sources, type Source } from './sources.ts';
import { SpanOrder } from './span-order.ts';
import { TraceRollup } from './trace-rollup.ts';
import { minuteOfSlot, slotNanos } from '../slots.ts';

/** What spans have in common: where they come from. */
interface Group {
  readonly resource: Source;
  readonly scope: Source;
  /** Number in the service column's dictionary. */
  readonly service: number;
  /** Number of the service with those who find calls. */
  readonly serviceForCalls: number;
}

/**
 * Spans of many batches as blocks for the tables: the spans, and all that is derived from them. `add` notes where spans
 * lie, `finish` makes rows of them in the order of the table, without an object per span.
 */
export class SpanBlock {
  readonly resources = new Sources('resources');
  readonly scopes = new Sources('scopes');
  readonly traces = new TraceRollup();
  readonly red = new RedRollup();
  readonly edges = new EdgeRollup();
  readonly keys = new KeyRollup();
  readonly #attributes = new AttributeColumns();
  readonly #calls = new CallFinder(this.edges, this.#attributes);
  readonly #columns = {
    slot: new FixedColumn('UInt32', 4),
    received: new FixedColumn("DateTime('UTC')", 4),
    trace_id: new FixedColumn('FixedString(16)', 16),
    span_id: new FixedColumn('FixedString(8)', 8),
    parent_span_id: new FixedColumn('FixedString(8)', 8),
    start: new FixedColumn("DateTime64(9, 'UTC')", 8),
    duration: new FixedColumn('Int64', 8),
    service: new DictionaryColumn(),
    name: new DictionaryColumn(),
    kind: new FixedColumn('UInt8', 1),
    status: new FixedColumn('UInt8', 1),
    status_message: new StringColumn(),
    trace_state: new StringColumn(),
    flags: new FixedColumn('UInt32', 4),
    resource_id: new FixedColumn('UInt64', 8),
    scope_id: new FixedColumn('UInt64', 8),
    ...this.#attributes.columns(),
    event_names: new ArrayColumn(new DictionaryColumn()),
    events: new StringColumn(),
    links: new StringColumn(),
    dropped_attributes: new FixedColumn('UInt32', 4),
    dropped_events: new FixedColumn('UInt32', 4),
    dropped_links: new FixedColumn('UInt32', 4),
  };
  readonly spans = new Block(this.#columns);
  readonly links = new LinkBlock();

  readonly #order = new SpanOrder();
  /** Resource and scope of the spans, by the number that the order keeps with each. */
  readonly #groups: Group[] = [];
  /** Seconds since 1970: what stands in `received`. */
  #received = 0;

  /** Spans added. */
  get count(): number {
    return this.#order.count;
  }

  /** Bytes of OTLP added. */
  get bytes(): number {
    return this.#order.bytes;
  }

  /**
   * Adds the spans of one batch (TracesData, checked), received at `received` seconds since 1970. The bytes are kept until
   * `clear`.
   */
  add(bytes: Uint8Array, received: number): void {
    this.#received = received;
    this.#order.open(bytes);
    for (let pos = 0; pos < bytes.length;) {
      const next = skipField(bytes, pos);
      if (bytes[pos] === 0x0a) {
        varint(bytes, pos + 1);
        this.#resourceSpans(bytes, cursor.pos, next);
      }
      pos = next;
    }
  }

  /** Fills all blocks. Call once, before they are sent. */
  finish(): void {
    this.#order.each((bytes, start, end, group) => this.#span(bytes, start, end, this.#groups[group]!));
    this.#calls.flush();
    const columns = this.#columns;
    const { service, name } = columns;
    const rows = this.spans.rows;
    for (let row = 0; row < rows; row++) columns.received.uint32(this.#received);
    this.#attributes.padTo(rows);
    for (const column of [
      columns.status,
      columns.status_message,
      columns.trace_state,
      columns.flags,
      columns.event_names,
      columns.events,
      columns.links,
      columns.dropped_attributes,
      columns.dropped_events,
      columns.dropped_links,
    ])
      column.padTo(rows);
    this.traces.finish(service.dictionary, name.dictionary, this.#received);
    this.red.finish(
      (id) => service.dictionary.text(id),
      (id) => name.dictionary.text(id),
      this.#received,
    );
    this.edges.finish((id) => this.#calls.name(id), this.#received);
    this.keys.count('span', service, this.#attributes, rows);
    this.keys.finish(this.#received);
  }

  clear(): void {
    this.#order.clear();
    this.#groups.length = 0;
    for (const part of [this.spans, this.resources.block, this.scopes.block]) part.clear();
    for (const part of [this.links, this.traces, this.red, this.edges, this.keys]) part.clear();
    this.#calls.clear(this.#received);
  }

  /** Like clear, and gives memory back. */
  release(): void {
    this.clear();
    this.spans.release();
  }

  /** Fields of ResourceSpans: 1 resource, 2 scope_spans, 3 schema_url; of ScopeSpans: 1 scope, 2 spans, 3 schema_url. */
  #resourceSpans(bytes: Uint8Array, start: number, end: number): void {
    const resource = this.resources.in(bytes, start, end, this.#received);
    const text = Buffer.from(resource.service);
    const service = this.#columns.service.dictionary.id(text, 0, text.length);
    const serviceForCalls = this.#calls.service(resource.service);
    for (let pos = start; pos < end;) {
      const next = skipField(bytes, pos);
      if (bytes[pos] === 0x12) {
        varint(bytes, pos + 1);
        const body = cursor.pos;
        const scope = this.scopes.in(bytes, body, next, this.#received);
        this.#groups.push({ resource, scope, service, serviceForCalls });
        this.#scopeSpans(bytes, body, next);
      }
      pos = next;
    }
  }

  #scopeSpans(bytes: Uint8Array, start: number, end: number): void {
    const group = this.#groups.length - 1;
    for (let pos = start; pos < end;) {
      const next = skipField(bytes, pos);
      if (bytes[pos] === 0x12) {
        varint(bytes, pos + 1);
        this.#order.add(bytes, cursor.pos, next, group);
      }
      pos = next;
    }
  }

  /** Hot: once per span. Field numbers: opentelemetry-proto trace.proto, Span. */
  #span(bytes: Uint8Array, pos: number, end: number, group: Group): void {
    const columns = this.#columns;
    let traceId = 0;
    let spanId = 0;
    let parentId = -1;
    let nameStart = 0;
    let nameLength = 0;
    let stateStart = 0;
    let stateLength = 0;
    let kind = 0;
    let startAt = -1;
    let endAt = -1;
    let droppedAttributes = 0;
    let droppedEvents = 0;
    let droppedLinks = 0;
    let status = 0;
    let messageStart = 0;
    let messageLength = 0;
    let flags = 0;
    let events = 0;
    let links = 0;
    const first = pos;
    this.#calls.mark();
    while (pos < end) {
      let tag = bytes[pos]!;
      let body = pos + 1;
      if (tag > 0x7f) {
        tag = varint(bytes, pos);
        body = cursor.pos;
      }
      switch (tag & 7) {
        case 2: {
          let length = bytes[body++]!;
          if (length > 0x7f) {
            length = varint(bytes, body - 1);
            body = cursor.pos;
          }
          pos = body + length;
          switch (tag) {
            case 0x4a:
              this.#attributes.add(bytes, body, pos);
              break;
            case 0x0a:
              traceId = body;
              break;
            case 0x12:
              spanId = body;
              break;
            case 0x22:
              parentId = length === 8 ? body : -1;
              break;
            case 0x2a:
              nameStart = body;
              nameLength = length;
              break;
            case 0x5a:
              this.#event(bytes, body, pos);
              events++;
              break;
            case 0x6a:
              links++;
              break;
            case 0x7a: {
              status = 0;
              messageLength = 0;
              for (let at = body; at < pos;) {
                const next = skipField(bytes, at);
                if (bytes[at] === 0x18) status = varint(bytes, at + 1);
                else if (bytes[at] === 0x12) {
                  messageLength = varint(bytes, at + 1);
                  messageStart = cursor.pos;
                }
                at = next;
              }
              break;
            }
            case 0x1a:
              stateStart = body;
              stateLength = length;
              break;
            default:
          }
          break;
        }
        case 1:
          if (tag === 0x39) startAt = body;
          else if (tag === 0x41) endAt = body;
          pos = body + 8;
          break;
        case 0: {
          const value = varint(bytes, body);
          pos = cursor.pos;
          if (tag === 0x30) kind = value;
          else if (tag === 0x50) droppedAttributes = value;
          else if (tag === 0x60) droppedEvents = value;
          else if (tag === 0x70) droppedLinks = value;
          break;
        }
        default:
          if (tag === 0x85) flags = uint32(bytes, body);
          pos = body + 4;
      }
    }
    kind = kind > 5 ? 0 : kind;
    status = status > 2 ? 0 : status;

    const startLow = startAt < 0 ? 0 : uint32(bytes, startAt);
    const startHigh = startAt < 0 ? 0 : uint32(bytes, startAt + 4) & 0x7fff_ffff;
    const endLow = endAt < 0 ? startLow : uint32(bytes, endAt);
    const endHigh = endAt < 0 ? startHigh : uint32(bytes, endAt + 4) & 0x7fff_ffff;
    const borrow = endLow < startLow ? 1 : 0;
    const nanos = (endHigh - startHigh) * 0x1_0000_0000 + (endLow - startLow);
    const start = startHigh * 0x1_0000_0000 + startLow;
    const slot = Math.floor(start / slotNanos);
    const minute = minuteOfSlot(slot);
    const row = this.spans.rows;
    columns.slot.uint32(slot);
    const trace0 = uint32(bytes, traceId);
    const trace1 = uint32(bytes, traceId + 4);
    const trace2 = uint32(bytes, traceId + 8);
    const trace3 = uint32(bytes, traceId + 12);
    const spanLow = uint32(bytes, spanId);
    const spanHigh = uint32(bytes, spanId + 4);
    const parentLow = parentId < 0 ? 0 : uint32(bytes, parentId);
    const parentHigh = parentId < 0 ? 0 : uint32(bytes, parentId + 4);
    columns.trace_id.uint128(trace0, trace1, trace2, trace3);
    columns.span_id.uint64(spanLow, spanHigh);
    columns.parent_span_id.uint64(parentLow, parentHigh);
    columns.start.uint64(startLow, startHigh);
    columns.duration.uint64(endLow - startLow, endHigh - startHigh - borrow);
    columns.service.push(group.service);
    columns.resource_id.uint64(group.resource.low, group.resource.high);
    columns.scope_id.uint64(group.scope.low, group.scope.high);
    const name = columns.name.dictionary.id(bytes, nameStart, nameLength);
    columns.name.push(name);
    columns.kind.uint8(kind);
    this.#attributes.end(row);
    // What is seldom set is left out here, and padded with zeros before the next value and at the end.
    if (status > 0) {
      columns.status.padTo(row);
      columns.status.uint8(status);
    }
    if (messageLength > 0) {
      columns.status_message.padTo(row);
      columns.status_message.copy(bytes, messageStart, messageLength);
    }
    if (stateLength > 0) {
      columns.trace_state.padTo(row);
      columns.trace_state.copy(bytes, stateStart, stateLength);
    }
    if (events > 0) {
      columns.event_names.padTo(row);
      columns.event_names.end(events);
      columns.events.padTo(row);
      collect(bytes, first, end, 0x5a, columns.events);
    }
    if (links > 0) {
      columns.links.padTo(row);
      collect(bytes, first, end, 0x6a, columns.links);
    }
    sparse(columns.flags, row, flags);
    sparse(columns.dropped_attributes, row, droppedAttributes);
    sparse(columns.dropped_events, row, droppedEvents);
    sparse(columns.dropped_links, row, droppedLinks);
    this.spans.rows++;
    const error = status === 2;
    this.traces.add(
      trace0,
      trace1,
      trace2,
      trace3,
      startLow,
      startHigh,
      endLow,
      endHigh,
      parentLow === 0 && parentHigh === 0,
      group.service,
      name,
      error,
    );
    this.red.add(minute, group.service, name, kind, error, nanos);
    this.#calls.add(
      trace2,
      trace3,
      spanLow,
      spanHigh,
      parentLow,
      parentHigh,
      group.serviceForCalls,
      kind,
      start,
      nanos,
      error,
    );
    if (links === 0) return;
    const linkRow = this.links.block.rows;
    this.links.add(
      bytes,
      first,
      end,
      {
        traceId,
        spanId,
        startLow,
        startHigh,
        service: group.resource.service,
        name: columns.name.dictionary.text(name),
      },
      this.#received,
    );
    if (kind >= 3) this.links.each(linkRow, this.#addLink);
  }

  readonly #addLink = (traceLow: number, traceHigh: number, low: number, high: number): void =>
    this.#calls.addLink(traceLow, traceHigh, low, high);

  /** Fields of Span.Event: 1 time, 2 name, 3 attributes, 4 dropped attributes. */
  #event(bytes: Uint8Array, pos: number, end: number): void {
    const names = this.#columns.event_names.items;
    let start = 0;
    let length = 0;
    while (pos < end) {
      const next = skipField(bytes, pos);
      if (bytes[pos] === 0x12) {
        length = varint(bytes, pos + 1);
        start = cursor.pos;
      }
      pos = next;
    }
    names.push(names.dictionary.id(bytes, start, length));
  }
}

/** Sets a value that is seldom other than zero. */
function sparse(column: FixedColumn, row: number, value: number): void {
  if (value === 0) return;
  column.padTo(row);
  column.uint32(value);
}

/** Appends one value: all fields with this tag, tags included, one after the other. */
function collect(bytes: Uint8Array, start: number, end: number, tag: number, column: StringColumn): void {
  let total = 0;
  for (let pos = start; pos < end;) {
    const next = skipField(bytes, pos);
    if (bytes[pos] === tag) total += next - pos;
    pos = next;
  }
  let to = column.begin(total);
  for (let pos = start; pos < end;) {
    const next = skipField(bytes, pos);
    if (bytes[pos] === tag) {
      copyBytes(bytes, pos, next - pos, column.data.bytes, to);
      to += next - pos;
    }
    pos = next;
  }
}
