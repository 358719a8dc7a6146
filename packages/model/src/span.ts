import type { SpanId, TraceId } from './ids.ts';
import type { Nanos, UnixNanos } from './time.ts';

/**
 * The value of an attribute, with OTLP's types kept. An int is a bigint, so that a double that happens to be
 * whole stays a double. Source: opentelemetry-proto common.proto, AnyValue.
 */
export type AttributeValue =
  | string
  | boolean
  | number
  | bigint
  | Uint8Array
  | null
  | readonly AttributeValue[]
  | { readonly [key: string]: AttributeValue };

export type Attributes = { readonly [key: string]: AttributeValue };

export const spanKinds = ['unspecified', 'internal', 'server', 'client', 'producer', 'consumer'] as const;
/** Index in `spanKinds` is OTLP's SpanKind number. */
export type SpanKind = (typeof spanKinds)[number];

export const statusCodes = ['unset', 'ok', 'error'] as const;
/** Index in `statusCodes` is OTLP's StatusCode number. */
export type StatusCode = (typeof statusCodes)[number];

export interface Resource {
  readonly attributes: Attributes;
  readonly schemaUrl: string;
  readonly droppedAttributes: number;
}

export interface Scope {
  readonly name: string;
  readonly version: string;
  readonly attributes: Attributes;
  readonly schemaUrl: string;
  readonly droppedAttributes: number;
}

export interface SpanEvent {
  readonly time: UnixNanos;
  readonly name: string;
  readonly attributes: Attributes;
  readonly droppedAttributes: number;
}

export interface SpanLink {
  readonly traceId: TraceId;
  readonly spanId: SpanId;
  readonly traceState: string;
  readonly attributes: Attributes;
  readonly droppedAttributes: number;
  readonly flags: number;
}

export interface Span {
  readonly traceId: TraceId;
  readonly spanId: SpanId;
  readonly parentSpanId: SpanId | undefined;
  readonly traceState: string;
  readonly flags: number;
  readonly name: string;
  readonly kind: SpanKind;
  readonly start: UnixNanos;
  readonly duration: Nanos;
  readonly status: StatusCode;
  readonly statusMessage: string;
  readonly attributes: Attributes;
  readonly events: readonly SpanEvent[];
  readonly links: readonly SpanLink[];
  readonly droppedAttributes: number;
  readonly droppedEvents: number;
  readonly droppedLinks: number;
  readonly resource: Resource;
  readonly scope: Scope;
}

export interface LogRecord {
  readonly time: UnixNanos;
  readonly observedTime: UnixNanos;
  readonly traceId: TraceId | undefined;
  readonly spanId: SpanId | undefined;
  readonly flags: number;
  /** OTLP SeverityNumber, 0 (unspecified) to 24. */
  readonly severity: number;
  readonly severityText: string;
  readonly eventName: string;
  readonly body: AttributeValue;
  readonly attributes: Attributes;
  readonly droppedAttributes: number;
  readonly resource: Resource;
  readonly scope: Scope;
}

/** The value of `service.name`, or what the specification says stands for a missing one. */
export function serviceOf(resource: Resource): string {
  const name = resource.attributes['service.name'];
  return typeof name === 'string' && name !== '' ? name : 'unknown_service';
}
