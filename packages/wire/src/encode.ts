import {
  type Attributes,
  type AttributeValue,
  type LogRecord,
  type Resource,
  type Scope,
  type Span,
  type SpanEvent,
  type SpanLink,
  spanKinds,
  statusCodes,
} from '@throughline/model';
import { Writer } from './writer.ts';

/** The spans as TracesData. Those with the same (not merely equal) resource and scope objects share a group. */
export function encodeTraces(spans: readonly Span[]): Uint8Array {
  return writeGroups(spans, writeSpan);
}

/** The log records as LogsData, grouped in the same way. */
export function encodeLogs(records: readonly LogRecord[]): Uint8Array {
  return writeGroups(records, writeLogRecord);
}

interface Item {
  readonly resource: Resource;
  readonly scope: Scope;
}

/** ResourceSpans, ScopeSpans and their counterparts for logs are numbered alike. */
function writeGroups<T extends Item>(
  items: readonly T[],
  writeItem: (writer: Writer, item: T) => void,
): Uint8Array {
  const writer = new Writer();
  for (const [resource, ofResource] of groupBy(items, (item) => item.resource)) {
    const resourceGroup = writer.open(0x0a);
    writeResource(writer, resource);
    for (const [scope, ofScope] of groupBy(ofResource, (item) => item.scope)) {
      const scopeGroup = writer.open(0x12);
      writeScope(writer, scope);
      for (const item of ofScope) {
        const start = writer.open(0x12);
        writeItem(writer, item);
        writer.close(start);
      }
      writeText(writer, 0x1a, scope.schemaUrl);
      writer.close(scopeGroup);
    }
    writeText(writer, 0x1a, resource.schemaUrl);
    writer.close(resourceGroup);
  }
  return writer.finish();
}

function groupBy<K, T>(items: readonly T[], keyOf: (item: T) => K): Map<K, T[]> {
  const groups = new Map<K, T[]>();
  for (const item of items) {
    const group = groups.get(keyOf(item));
    if (group) group.push(item);
    else groups.set(keyOf(item), [item]);
  }
  return groups;
}

function writeResource(writer: Writer, resource: Resource): void {
  const start = writer.open(0x0a);
  writeAttributes(writer, 0x0a, resource.attributes);
  writeCount(writer, 0x10, resource.droppedAttributes);
  writer.close(start);
}

function writeScope(writer: Writer, scope: Scope): void {
  const start = writer.open(0x0a);
  writeText(writer, 0x0a, scope.name);
  writeText(writer, 0x12, scope.version);
  writeAttributes(writer, 0x1a, scope.attributes);
  writeCount(writer, 0x20, scope.droppedAttributes);
  writer.close(start);
}

function writeSpan(writer: Writer, span: Span): void {
  writeId(writer, 0x0a, span.traceId);
  writeId(writer, 0x12, span.spanId);
  writeText(writer, 0x1a, span.traceState);
  writeId(writer, 0x22, span.parentSpanId);
  writeText(writer, 0x2a, span.name);
  writeCount(writer, 0x30, spanKinds.indexOf(span.kind));
  writeTime(writer, 0x39, span.start);
  writeTime(writer, 0x41, endOf(span));
  writeAttributes(writer, 0x4a, span.attributes);
  writeCount(writer, 0x50, span.droppedAttributes);
  for (const event of span.events) writeEvent(writer, event);
  writeCount(writer, 0x60, span.droppedEvents);
  for (const link of span.links) writeLink(writer, link);
  writeCount(writer, 0x70, span.droppedLinks);
  writeStatus(writer, span);
  writeFlags(writer, 0x85, span.flags);
}

/** Never before 1970: a duration so negative is one of a span without end, rounded. */
function endOf({ start, duration }: Span): bigint {
  const end = start + BigInt(Math.round(duration));
  return end < 0n ? 0n : end;
}

function writeStatus(writer: Writer, span: Span): void {
  if (span.status === 'unset' && span.statusMessage === '') return;
  const start = writer.open(0x7a);
  writeText(writer, 0x12, span.statusMessage);
  writeCount(writer, 0x18, statusCodes.indexOf(span.status));
  writer.close(start);
}

function writeEvent(writer: Writer, event: SpanEvent): void {
  const start = writer.open(0x5a);
  writeTime(writer, 0x09, event.time);
  writeText(writer, 0x12, event.name);
  writeAttributes(writer, 0x1a, event.attributes);
  writeCount(writer, 0x20, event.droppedAttributes);
  writer.close(start);
}

function writeLink(writer: Writer, link: SpanLink): void {
  const start = writer.open(0x6a);
  writeId(writer, 0x0a, link.traceId);
  writeId(writer, 0x12, link.spanId);
  writeText(writer, 0x1a, link.traceState);
  writeAttributes(writer, 0x22, link.attributes);
  writeCount(writer, 0x28, link.droppedAttributes);
  writeFlags(writer, 0x35, link.flags);
  writer.close(start);
}

function writeLogRecord(writer: Writer, record: LogRecord): void {
  writeTime(writer, 0x09, record.time);
  writeCount(writer, 0x10, record.severity);
  writeText(writer, 0x1a, record.severityText);
  if (record.body !== null) writeValue(writer, 0x2a, record.body);
  writeAttributes(writer, 0x32, record.attributes);
  writeCount(writer, 0x38, record.droppedAttributes);
  writeFlags(writer, 0x45, record.flags);
  writeId(writer, 0x4a, record.traceId);
  writeId(writer, 0x52, record.spanId);
  writeTime(writer, 0x59, record.observedTime);
  writeText(writer, 0x62, record.eventName);
}

function writeAttributes(writer: Writer, tag: number, attributes: Attributes): void {
  for (const [key, value] of Object.entries(attributes)) {
    const start = writer.open(tag);
    writeText(writer, 0x0a, key);
    writeValue(writer, 0x12, value);
    writer.close(start);
  }
}

/** An AnyValue; null is an empty one. */
function writeValue(writer: Writer, tag: number, value: AttributeValue): void {
  const start = writer.open(tag);
  if (typeof value === 'string') {
    writer.varint(0x0a);
    writer.string(value);
  } else if (typeof value === 'boolean') {
    writer.varint(0x10);
    writer.varint(value ? 1 : 0);
  } else if (typeof value === 'bigint') {
    if (BigInt.asIntN(64, value) !== value) throw new RangeError(`${value} is not a 64-bit integer`);
    writer.varint(0x18);
    writer.varint64(value);
  } else if (typeof value === 'number') {
    writer.varint(0x21);
    writer.double(value);
  } else if (value instanceof Uint8Array) {
    writer.varint(0x3a);
    writer.bytes(value);
  } else if (isArray(value)) {
    const array = writer.open(0x2a);
    for (const element of value) writeValue(writer, 0x0a, element);
    writer.close(array);
  } else if (value !== null) {
    const map = writer.open(0x32);
    writeAttributes(writer, 0x0a, value);
    writer.close(map);
  }
  writer.close(start);
}

function isArray(value: AttributeValue): value is readonly AttributeValue[] {
  return Array.isArray(value);
}

// As proto3 does, these leave out what has its default value.

function writeId(writer: Writer, tag: number, id: string | undefined): void {
  if (id === undefined) return;
  writer.varint(tag);
  writer.hex(id);
}

function writeText(writer: Writer, tag: number, text: string): void {
  if (text === '') return;
  writer.varint(tag);
  writer.string(text);
}

function writeCount(writer: Writer, tag: number, count: number): void {
  if (count === 0) return;
  writer.varint(tag);
  writer.varint64(BigInt(count));
}

function writeTime(writer: Writer, tag: number, time: bigint): void {
  if (time === 0n) return;
  writer.varint(tag);
  writer.fixed64(time);
}

function writeFlags(writer: Writer, tag: number, flags: number): void {
  if (flags === 0) return;
  writer.varint(tag);
  writer.fixed32(flags);
}
