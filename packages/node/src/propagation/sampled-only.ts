import {
  type Context,
  type TextMapGetter,
  type TextMapPropagator,
  type TextMapSetter,
  TraceFlags,
  isSpanContextValid,
  trace,
} from '@opentelemetry/api';

/**
 * `inner`, of a format that knows of the flags only whether the trace is sampled: in Jaeger's, what is the random flag
 * in W3C's means "debug". What it cannot read leaves the span that another propagator has found.
 */
export const sampledOnly = (inner: TextMapPropagator): TextMapPropagator => ({
  inject(context: Context, carrier: unknown, setter: TextMapSetter): void {
    const span = trace.getSpanContext(context);
    if (!span || !isSpanContextValid(span)) return inner.inject(context, carrier, setter);
    const traceFlags = span.traceFlags & TraceFlags.SAMPLED;
    inner.inject(trace.setSpanContext(context, { ...span, traceFlags }), carrier, setter);
  },
  extract(context: Context, carrier: unknown, getter: TextMapGetter): Context {
    const extracted = inner.extract(context, carrier, getter);
    const span = trace.getSpanContext(extracted);
    if (!span || isSpanContextValid(span)) return extracted;
    const before = trace.getSpan(context);
    return before ? trace.setSpan(extracted, before) : trace.deleteSpan(extracted);
  },
  fields: () => inner.fields(),
});
