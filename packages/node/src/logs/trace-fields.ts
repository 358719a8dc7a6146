import { isSpanContextValid, trace } from '@opentelemetry/api';

/** What ties a log line to a span; nothing outside of one. */
export interface TraceFields {
  trace_id?: string;
  span_id?: string;
  trace_flags?: string;
}

/** Of the active span, to spread into a JSON log line, or as pino's `mixin`. */
export function traceFields(): TraceFields {
  const span = trace.getActiveSpan()?.spanContext();
  if (!span || !isSpanContextValid(span)) return {};
  return {
    trace_id: span.traceId,
    span_id: span.spanId,
    trace_flags: span.traceFlags.toString(16).padStart(2, '0'),
  };
}
