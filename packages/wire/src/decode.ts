import {
  type LogRecord,
  type Resource,
  type Scope,
  type Span,
  type SpanEvent,
  type SpanId,
  type SpanLink,
  spanKinds,
  statusCodes,
  type TraceId,
  unixNanos,
} from '@throughline/model';
import { checkStructure } from './check-structure.ts';
import { type AttributeMap, readAttribute, readValue } from './decode-value.ts';
import { Reader } from './reader.ts';
import { logsData, tracesData } from './schema.ts';

/**
 * The spans of checked TracesData as objects, in order. Spans of one resource or scope group share its object. Of an
 * attribute that occurs twice the last value counts; an unknown kind or status reads as unspecified or unset; the
 * duration of a span that ends before it starts is negative. Throws InvalidData if the bytes are malformed.
 */
export function decodeTraces(bytes: Uint8Array): Span[] {
  checkStructure(bytes, tracesData);
  const spans: Span[] = [];
  readGroups(bytes, (reader, resource, scope) => spans.push(readSpan(reader, resource, scope)));
  return spans;
}

/** The same for the log records of checked LogsData. */
export function decodeLogs(bytes: Uint8Array): LogRecord[] {
  checkStructure(bytes, logsData);
  const records: LogRecord[] = [];
  readGroups(bytes, (reader, resource, scope) => records.push(readLogRecord(reader, resource, scope)));
  return records;
}

const noResource: Resource = { attributes: {}, schemaUrl: '', droppedAttributes: 0 };
const noScope: Scope = { ...noResource, name: '', version: '' };

/** The events and links of a checked Span message of which the other fields may be missing. */
export function decodeEventsAndLinks(bytes: Uint8Array): Pick<Span, 'events' | 'links'> {
  const { events, links } = readSpan(new Reader(bytes), noResource, noScope);
  return { events, links };
}

/** The link that the bytes of one checked Span.Link message mean. */
export function decodeLink(bytes: Uint8Array): SpanLink {
  return readLinkFields(new Reader(bytes));
}

type ReadItem = (reader: Reader, resource: Resource, scope: Scope) => void;

/** Calls `readItem` with every span or log record entered. */
function readGroups(bytes: Uint8Array, readItem: ReadItem): void {
  const reader = new Reader(bytes);
  for (let tag = reader.tag(); tag !== 0; tag = reader.tag()) {
    if (tag === 0x0a) readResourceGroup(reader.view(), readItem);
    else reader.skip(tag);
  }
}

function readResourceGroup(bytes: Uint8Array, readItem: ReadItem): void {
  const group = readGroup(bytes);
  const resource = readResource(group.head, group.schemaUrl);
  for (const scope of group.parts) readScopeGroup(scope, resource, readItem);
}

function readScopeGroup(bytes: Uint8Array, resource: Resource, readItem: ReadItem): void {
  const group = readGroup(bytes);
  const scope = readScope(group.head, group.schemaUrl);
  for (const item of group.parts) readItem(new Reader(item), resource, scope);
}

/** ResourceSpans, ScopeSpans and their counterparts for logs are numbered alike; what describes a group may come last. */
function readGroup(bytes: Uint8Array): { head: Uint8Array; parts: Uint8Array[]; schemaUrl: string } {
  const reader = new Reader(bytes);
  const group: ReturnType<typeof readGroup> = { head: new Uint8Array(), parts: [], schemaUrl: '' };
  for (let tag = reader.tag(); tag !== 0; tag = reader.tag()) {
    if (tag === 0x0a) group.head = reader.view();
    else if (tag === 0x12) group.parts.push(reader.view());
    else if (tag === 0x1a) group.schemaUrl = reader.string();
    else reader.skip(tag);
  }
  return group;
}

function readResource(bytes: Uint8Array, schemaUrl: string): Resource {
  const reader = new Reader(bytes);
  const attributes: AttributeMap = {};
  let droppedAttributes = 0;
  for (let tag = reader.tag(); tag !== 0; tag = reader.tag()) {
    if (tag === 0x0a) readAttribute(reader, attributes);
    else if (tag === 0x10) droppedAttributes = reader.uint32();
    else reader.skip(tag);
  }
  return { attributes, schemaUrl, droppedAttributes };
}

function readScope(bytes: Uint8Array, schemaUrl: string): Scope {
  const reader = new Reader(bytes);
  const attributes: AttributeMap = {};
  const scope = { name: '', version: '', attributes, schemaUrl, droppedAttributes: 0 };
  for (let tag = reader.tag(); tag !== 0; tag = reader.tag()) {
    if (tag === 0x0a) scope.name = reader.string();
    else if (tag === 0x12) scope.version = reader.string();
    else if (tag === 0x1a) readAttribute(reader, attributes);
    else if (tag === 0x20) scope.droppedAttributes = reader.uint32();
    else reader.skip(tag);
  }
  return scope;
}

type Mutable<T> = { -readonly [K in keyof T]: T[K] };

function readSpan(reader: Reader, resource: Resource, scope: Scope): Span {
  const attributes: AttributeMap = {};
  const events: SpanEvent[] = [];
  const links: SpanLink[] = [];
  const span: Mutable<Span> = {
    traceId: '' as TraceId,
    spanId: '' as SpanId,
    parentSpanId: undefined,
    traceState: '',
    flags: 0,
    name: '',
    kind: 'unspecified',
    start: unixNanos(0n),
    duration: 0,
    status: 'unset',
    statusMessage: '',
    attributes,
    events,
    links,
    droppedAttributes: 0,
    droppedEvents: 0,
    droppedLinks: 0,
    resource,
    scope,
  };
  let end = 0n;
  for (let tag = reader.tag(); tag !== 0; tag = reader.tag()) {
    switch (tag) {
      case 0x0a:
        span.traceId = reader.hex() as TraceId;
        break;
      case 0x12:
        span.spanId = reader.hex() as SpanId;
        break;
      case 0x1a:
        span.traceState = reader.string();
        break;
      case 0x22:
        span.parentSpanId = idOrNone<SpanId>(reader.hex());
        break;
      case 0x2a:
        span.name = reader.string();
        break;
      case 0x30:
        span.kind = spanKinds[reader.int32()] ?? 'unspecified';
        break;
      case 0x39:
        span.start = unixNanos(reader.fixed64());
        break;
      case 0x41:
        end = reader.fixed64();
        break;
      case 0x4a:
        readAttribute(reader, attributes);
        break;
      case 0x50:
        span.droppedAttributes = reader.uint32();
        break;
      case 0x5a:
        events.push(readEvent(reader));
        break;
      case 0x60:
        span.droppedEvents = reader.uint32();
        break;
      case 0x6a:
        links.push(readLink(reader));
        break;
      case 0x70:
        span.droppedLinks = reader.uint32();
        break;
      case 0x7a:
        readStatus(reader, span);
        break;
      case 0x85:
        span.flags = reader.fixed32();
        break;
      default:
        reader.skip(tag);
    }
  }
  span.duration = Number(end - span.start);
  return span;
}

function readStatus(reader: Reader, span: Mutable<Span>): void {
  const outer = reader.enter();
  for (let tag = reader.tag(); tag !== 0; tag = reader.tag()) {
    if (tag === 0x12) span.statusMessage = reader.string();
    else if (tag === 0x18) span.status = statusCodes[reader.int32()] ?? 'unset';
    else reader.skip(tag);
  }
  reader.leave(outer);
}

function readEvent(reader: Reader): SpanEvent {
  const attributes: AttributeMap = {};
  const event: Mutable<SpanEvent> = { time: unixNanos(0n), name: '', attributes, droppedAttributes: 0 };
  const outer = reader.enter();
  for (let tag = reader.tag(); tag !== 0; tag = reader.tag()) {
    if (tag === 0x09) event.time = unixNanos(reader.fixed64());
    else if (tag === 0x12) event.name = reader.string();
    else if (tag === 0x1a) readAttribute(reader, attributes);
    else if (tag === 0x20) event.droppedAttributes = reader.uint32();
    else reader.skip(tag);
  }
  reader.leave(outer);
  return event;
}

/** A link without ids, which OTLP allows, has ids of zeros. */
function readLink(reader: Reader): SpanLink {
  const outer = reader.enter();
  const link = readLinkFields(reader);
  reader.leave(outer);
  return link;
}

function readLinkFields(reader: Reader): SpanLink {
  const attributes: AttributeMap = {};
  const link = { traceId: '', spanId: '', traceState: '', attributes, droppedAttributes: 0, flags: 0 };
  for (let tag = reader.tag(); tag !== 0; tag = reader.tag()) {
    if (tag === 0x0a) link.traceId = reader.hex();
    else if (tag === 0x12) link.spanId = reader.hex();
    else if (tag === 0x1a) link.traceState = reader.string();
    else if (tag === 0x22) readAttribute(reader, attributes);
    else if (tag === 0x28) link.droppedAttributes = reader.uint32();
    else if (tag === 0x35) link.flags = reader.fixed32();
    else reader.skip(tag);
  }
  return {
    ...link,
    traceId: link.traceId.padStart(32, '0') as TraceId,
    spanId: link.spanId.padStart(16, '0') as SpanId,
  };
}

function readLogRecord(reader: Reader, resource: Resource, scope: Scope): LogRecord {
  const attributes: AttributeMap = {};
  const record: Mutable<LogRecord> = {
    time: unixNanos(0n),
    observedTime: unixNanos(0n),
    traceId: undefined,
    spanId: undefined,
    flags: 0,
    severity: 0,
    severityText: '',
    eventName: '',
    body: null,
    attributes,
    droppedAttributes: 0,
    resource,
    scope,
  };
  for (let tag = reader.tag(); tag !== 0; tag = reader.tag()) {
    if (tag === 0x09) record.time = unixNanos(reader.fixed64());
    else if (tag === 0x10) record.severity = reader.int32();
    else if (tag === 0x1a) record.severityText = reader.string();
    else if (tag === 0x2a) record.body = readValue(reader);
    else if (tag === 0x32) readAttribute(reader, attributes);
    else if (tag === 0x38) record.droppedAttributes = reader.uint32();
    else if (tag === 0x45) record.flags = reader.fixed32();
    else if (tag === 0x4a) record.traceId = idOrNone<TraceId>(reader.hex());
    else if (tag === 0x52) record.spanId = idOrNone<SpanId>(reader.hex());
    else if (tag === 0x59) record.observedTime = unixNanos(reader.fixed64());
    else if (tag === 0x62) record.eventName = reader.string();
    else reader.skip(tag);
  }
  return record;
}

function idOrNone<Id extends string>(hex: string): Id | undefined {
  return /^0*$/.test(hex) ? undefined : (hex as Id);
}
