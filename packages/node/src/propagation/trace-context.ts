import {
  type Context,
  type SpanContext,
  type TextMapGetter,
  type TextMapPropagator,
  type TextMapSetter,
  TraceFlags,
  isSpanContextValid,
  trace,
} from '@opentelemetry/api';
import { isTracingSuppressed } from '@opentelemetry/core';
import { randomFlag } from './random-flag.ts';
import { parseTraceState, withoutSpace } from './trace-state.ts';

// Anything may follow the flags in a version that is not known yet, after a dash; nothing may in version 00.
const traceparentPattern =
  /^(?!ff)([0-9a-f]{2})-((?!0{32})[0-9a-f]{32})-((?!0{16})[0-9a-f]{16})-([0-9a-f]{2})(?:-.*)?$/;
const length00 = 55;
const knownFlags = TraceFlags.SAMPLED | randomFlag;

/**
 * W3C Trace Context Level 2, strictly: a traceparent or tracestate that is not as the specification says is as good as
 * none, several tracestate headers count as one, and flags that the specification does not know are not passed on.
 */
export class TraceContextPropagator implements TextMapPropagator {
  inject(context: Context, carrier: unknown, setter: TextMapSetter): void {
    const span = trace.getSpanContext(context);
    if (!span || isTracingSuppressed(context) || !isSpanContextValid(span)) return;
    const flags = (span.traceFlags & knownFlags).toString(16);
    setter.set(carrier, 'traceparent', `00-${span.traceId}-${span.spanId}-0${flags}`);
    const state = span.traceState?.serialize();
    if (state) setter.set(carrier, 'tracestate', state);
  }

  extract(context: Context, carrier: unknown, getter: TextMapGetter): Context {
    const traceparent = single(getter.get(carrier, 'traceparent'));
    const span = traceparent === undefined ? undefined : parseTraceparent(traceparent);
    if (!span) return context;
    span.isRemote = true;
    const tracestate = getter.get(carrier, 'tracestate');
    // Several headers are joined with commas.
    const traceState = tracestate === undefined ? undefined : parseTraceState(String(tracestate));
    if (traceState) span.traceState = traceState;
    return trace.setSpanContext(context, span);
  }

  fields(): string[] {
    return ['traceparent', 'tracestate'];
  }
}

/** Of two headers where there may be one, none counts. */
const single = (value: string | string[] | undefined): string | undefined =>
  Array.isArray(value) ? (value.length === 1 ? value[0] : undefined) : value;

/** The trace id, span id and known flags of a traceparent; undefined where it is not one. */
export function parseTraceparent(header: string): SpanContext | undefined {
  const text = withoutSpace(header);
  const [, version, traceId, spanId, flags] = traceparentPattern.exec(text) ?? [];
  if (!traceId || !spanId || !flags || (version === '00' && text.length !== length00)) return undefined;
  return { traceId, spanId, traceFlags: Number.parseInt(flags, 16) & knownFlags };
}
