import {
  serviceOf,
  type Attributes,
  type AttributeValue,
  type LogRecord,
  type Resource,
  type Span,
} from '@throughline/model';
import type {
  IncomingLink,
  LinkEnd,
  StoredSpan,
  StoredTrace,
  TimelineColumns,
  TraceSummary,
  TraceWarning,
} from '@throughline/store';
import type * as api from './api/types.ts';

// What the store answers, in the shapes of the API.

export function summaryJson(summary: TraceSummary): api.TraceSummary {
  return {
    trace_id: summary.traceId,
    start: String(summary.start),
    duration: summary.duration,
    root_service: summary.rootService,
    root_operation: summary.rootOperation,
    has_root: summary.hasRoot,
    spans: summary.spans,
    errors: summary.errors,
    services: [...summary.services],
    matched: summary.matched,
  };
}

export function traceJson(trace: StoredTrace): api.Trace {
  return {
    summary: summaryJson(trace.summary),
    spans: trace.spans.map((span, n) => spanJson(span, trace.links[n]!)),
    linked_from: trace.linkedFrom.map((link) => ({ ...linkJson(link), target_span_id: link.targetSpanId })),
    logs: trace.logs.map(logJson),
    warnings: trace.warnings.map(warningJson),
  };
}

export function timelineJson(timeline: TimelineColumns): api.Timeline {
  return {
    summary: summaryJson(timeline.summary),
    origin: String(timeline.origin),
    names: [...timeline.names],
    services: [...timeline.services],
    span_id: [...timeline.spanIds],
    parent: Array.from(timeline.parent),
    name: Array.from(timeline.name),
    service: Array.from(timeline.service),
    kind: Array.from(timeline.kind),
    status: Array.from(timeline.status),
    start: Array.from(timeline.start),
    duration: Array.from(timeline.duration),
    events: Array.from(timeline.events),
    links: Array.from(timeline.links),
    linked_from: Array.from(timeline.linkedFrom),
    event_span: Array.from(timeline.eventSpan),
    event_time: Array.from(timeline.eventTime),
    event_name: Array.from(timeline.eventName),
    missing: timeline.missing.map(([span, parent]) => [span, parent]),
    logs: timeline.logs.map(logJson),
    warnings: timeline.warnings.map(warningJson),
  };
}

export function spanDetailsJson({ span, links, linkedFrom }: StoredSpan): api.SpanDetails {
  return { ...spanJson(span, links), linked_from: linkedFrom.map(linkJson) };
}

export function logJson(record: LogRecord): api.LogRecord {
  return {
    time: String(record.time),
    observed_time: String(record.observedTime),
    ...(record.traceId && { trace_id: record.traceId }),
    ...(record.spanId && { span_id: record.spanId }),
    service: serviceOf(record.resource),
    severity: record.severity,
    severity_text: record.severityText,
    event_name: record.eventName,
    body: plain(record.body),
    body_type: typeOf(record.body),
    attributes: attributesJson(record.attributes),
    resource: resourceJson(record.resource),
    scope: scopeJson(record.scope),
  };
}

function attributeJson(key: string, value: AttributeValue): api.Attribute {
  return { key, type: typeOf(value), value: plain(value) };
}

export function typeOf(value: AttributeValue): api.Attribute['type'] {
  if (value === null) return 'empty';
  if (typeof value === 'object')
    return value instanceof Uint8Array ? 'bytes' : Array.isArray(value) ? 'array' : 'map';
  return simpleTypes[typeof value as keyof typeof simpleTypes];
}

const simpleTypes = { string: 'string', bigint: 'int', number: 'double', boolean: 'bool' } as const;

/** The value as JSON has it: what JSON cannot say exactly is a string. */
export function plain(value: AttributeValue): unknown {
  if (typeof value === 'bigint') return Number.isSafeInteger(Number(value)) ? Number(value) : String(value);
  if (typeof value === 'number') return Number.isFinite(value) ? value : String(value);
  if (value === null || typeof value !== 'object') return value;
  if (value instanceof Uint8Array) return Buffer.from(value).toString('base64');
  if (Array.isArray(value)) return value.map(plain);
  return Object.fromEntries(Object.entries(value as Attributes).map(([key, inner]) => [key, plain(inner)]));
}

function spanJson(span: Span, links: readonly LinkEnd[]): api.Span {
  return {
    trace_id: span.traceId,
    span_id: span.spanId,
    ...(span.parentSpanId && { parent_span_id: span.parentSpanId }),
    trace_state: span.traceState,
    flags: span.flags,
    service: serviceOf(span.resource),
    name: span.name,
    kind: span.kind,
    start: String(span.start),
    duration: span.duration,
    status: span.status,
    status_message: span.statusMessage,
    attributes: attributesJson(span.attributes),
    events: span.events.map((event) => ({
      time: String(event.time),
      name: event.name,
      attributes: attributesJson(event.attributes),
      dropped_attributes: event.droppedAttributes,
    })),
    links: links.map(linkJson),
    dropped_attributes: span.droppedAttributes,
    dropped_events: span.droppedEvents,
    dropped_links: span.droppedLinks,
    resource: resourceJson(span.resource),
    scope: scopeJson(span.scope),
  };
}

function linkJson(link: LinkEnd | IncomingLink): api.Link {
  return {
    trace_id: link.traceId,
    span_id: link.spanId,
    trace_state: link.traceState,
    attributes: attributesJson(link.attributes),
    dropped_attributes: link.droppedAttributes,
    ...(link.service !== undefined && { service: link.service }),
    ...(link.operation !== undefined && { operation: link.operation }),
    ...(link.start !== undefined && { start: String(link.start) }),
  };
}

function resourceJson(resource: Resource): api.Resource {
  return {
    attributes: attributesJson(resource.attributes),
    schema_url: resource.schemaUrl,
    dropped_attributes: resource.droppedAttributes,
  };
}

function scopeJson(scope: Span['scope']): api.Scope {
  return { name: scope.name, version: scope.version, ...resourceJson(scope) };
}

function warningJson({ kind, message, spanIds, count }: TraceWarning): api.Warning {
  return { kind, message, span_ids: [...spanIds], count };
}

function attributesJson(attributes: Attributes): api.Attribute[] {
  return Object.entries(attributes).map(([key, value]) => attributeJson(key, value));
}
