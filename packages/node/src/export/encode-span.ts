import type { Attributes, SpanContext } from '@opentelemetry/api';
import type { InstrumentationScope } from '@opentelemetry/core';
import type { Resource } from '@opentelemetry/resources';
import type { ReadableSpan, TimedEvent } from '@opentelemetry/sdk-trace';
import type { ProtoWriter } from './proto-writer.ts';

// Tags and flags are those of opentelemetry-proto's trace.proto, common.proto and resource.proto. A field that has
// its default value is left out, as protobuf does.
const hasIsRemote = 0x100;
const isRemote = 0x200;
/** The fields of a span, event or link that have a fixed size. */
const fixedFields = 160;

/** Writes a span as a field of ScopeSpans. Hot: runs once per span, in the thread of the application. */
export function encodeSpan(to: ProtoWriter, span: ReadableSpan): void {
  const context = span.spanContext();
  const parent = span.parentSpanContext;
  to.room(fixedFields);
  to.byte(0x12);
  const opened = to.open(1000);
  to.byte(0x0a);
  to.hex(context.traceId);
  to.byte(0x12);
  to.hex(context.spanId);
  encodeTraceState(to, context);
  if (parent?.spanId) {
    to.byte(0x22);
    to.hex(parent.spanId);
  }
  to.byte(0x2a);
  to.string(String(span.name));
  to.room(fixedFields);
  to.byte(0x30);
  to.byte(span.kind + 1);
  to.byte(0x39);
  to.time(span.startTime[0], span.startTime[1]);
  to.byte(0x41);
  to.time(span.endTime[0], span.endTime[1]);
  encodeAttributes(to, 0x4a, span.attributes);
  encodeCount(to, 0x50, span.droppedAttributesCount);
  for (const event of span.events) encodeEvent(to, event);
  encodeCount(to, 0x60, span.droppedEventsCount);
  for (const link of span.links) encodeLink(to, link);
  encodeCount(to, 0x70, span.droppedLinksCount);
  encodeStatus(to, span.status);
  to.room(7);
  to.byte(0x85);
  to.byte(0x01);
  to.fixed32(flagsOf(context, parent));
  to.close(opened);
}

function encodeEvent(to: ProtoWriter, event: TimedEvent): void {
  to.room(fixedFields);
  to.byte(0x5a);
  const opened = to.open(100);
  to.byte(0x09);
  to.time(event.time[0], event.time[1]);
  to.byte(0x12);
  to.string(String(event.name));
  if (event.attributes) encodeAttributes(to, 0x1a, event.attributes);
  encodeCount(to, 0x20, event.droppedAttributesCount);
  to.close(opened);
}

function encodeLink(to: ProtoWriter, link: ReadableSpan['links'][number]): void {
  to.room(fixedFields);
  to.byte(0x6a);
  const opened = to.open(100);
  to.byte(0x0a);
  to.hex(link.context.traceId);
  to.byte(0x12);
  to.hex(link.context.spanId);
  encodeTraceState(to, link.context);
  if (link.attributes) encodeAttributes(to, 0x22, link.attributes);
  encodeCount(to, 0x28, link.droppedAttributesCount);
  to.room(5);
  to.byte(0x35);
  to.fixed32(flagsOf(link.context, link.context));
  to.close(opened);
}

function encodeStatus(to: ProtoWriter, status: ReadableSpan['status']): void {
  if (!status.code && !status.message) return;
  to.room(20);
  to.byte(0x7a);
  const opened = to.open(2);
  if (status.message) {
    to.byte(0x12);
    to.string(status.message);
    to.room(2);
  }
  if (status.code) {
    to.byte(0x18);
    to.byte(status.code);
  }
  to.close(opened);
}

function encodeTraceState(to: ProtoWriter, context: SpanContext): void {
  const state = context.traceState?.serialize();
  if (!state) return;
  to.byte(0x1a);
  to.string(state);
  to.room(fixedFields);
}

/** The trace flags of `context`, and whether `origin` came from another process. */
function flagsOf(context: SpanContext, origin: SpanContext | undefined): number {
  return (context.traceFlags & 0xff) | hasIsRemote | (origin?.isRemote ? isRemote : 0);
}

function encodeCount(to: ProtoWriter, tag: number, count: number | undefined): void {
  if (!count) return;
  to.room(10);
  to.byte(tag);
  to.varint(count);
}

function encodeAttributes(to: ProtoWriter, tag: number, attributes: Attributes): void {
  for (const key in attributes) encodeAttribute(to, tag, key, attributes[key]);
}

function encodeAttribute(to: ProtoWriter, tag: number, name: string, value: unknown): void {
  const key = to.encodedKey(name);
  to.room(key.length + 80);
  if (typeof value === 'string' && to.shortAttribute(tag, key, value)) return;
  to.byte(tag);
  const opened = to.open(key.length + (typeof value === 'string' ? value.length + 6 : 10));
  to.raw(key);
  encodeValue(to, value);
  to.close(opened);
}

/**
 * An AnyValue after its length. Besides what the API has today these may be maps, bytes and arrays of anything, as in
 * later versions; what is of no known type is empty, which stands for null.
 */
function encodeValue(to: ProtoWriter, value: unknown): void {
  if (typeof value === 'string') {
    const opened = to.open(value.length + 2);
    to.byte(0x0a);
    to.string(value);
    to.close(opened);
  } else if (typeof value === 'number') encodeNumber(to, value);
  else if (typeof value === 'boolean') {
    to.byte(2);
    to.byte(0x10);
    to.byte(value ? 1 : 0);
  } else if (typeof value === 'object' && value !== null) encodeObject(to, value);
  else to.byte(0);
}

function encodeNumber(to: ProtoWriter, value: number): void {
  if (Number.isInteger(value) && value >= -(2 ** 63) && value < 2 ** 63) {
    const opened = to.open(2);
    to.byte(0x18);
    to.int64(value);
    return to.close(opened);
  }
  to.byte(9);
  to.byte(0x21);
  to.double(value);
}

function encodeObject(to: ProtoWriter, value: object): void {
  const opened = to.open(100);
  if (value instanceof Uint8Array) {
    to.byte(0x3a);
    to.blob(value);
  } else if (Array.isArray(value)) {
    to.byte(0x2a);
    const list = to.open(100);
    for (const item of value) {
      to.room(20);
      to.byte(0x0a);
      encodeValue(to, item);
    }
    to.close(list);
  } else {
    to.byte(0x32);
    const list = to.open(100);
    encodeAttributes(to, 0x0a, value as Attributes);
    to.close(list);
  }
  to.close(opened);
}

/** Writes a resource as a field of ResourceSpans. */
export function encodeResource(to: ProtoWriter, resource: Resource): void {
  to.room(20);
  to.byte(0x0a);
  const opened = to.open(1000);
  encodeAttributes(to, 0x0a, resource.attributes);
  to.close(opened);
}

/** Writes a scope as a field of ScopeSpans. */
export function encodeScope(to: ProtoWriter, scope: InstrumentationScope): void {
  const { attributes, droppedAttributesCount } = scope as {
    attributes?: Attributes;
    droppedAttributesCount?: number;
  };
  to.room(20);
  to.byte(0x0a);
  const opened = to.open(100);
  to.byte(0x0a);
  to.string(scope.name);
  if (scope.version) {
    to.room(20);
    to.byte(0x12);
    to.string(scope.version);
  }
  if (attributes) encodeAttributes(to, 0x1a, attributes);
  encodeCount(to, 0x20, droppedAttributesCount);
  to.close(opened);
}
