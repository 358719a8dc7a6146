import { type Context, ROOT_CONTEXT } from '@opentelemetry/api';
import { W3CTraceContextPropagator } from '@opentelemetry/core';
import { extract, inject } from '@throughline/node';
import type { Event } from '../event.ts';

/** Events carry W3C trace context, whatever other carriers do. */
const propagator = new W3CTraceContextPropagator();

/** A copy of the event that has the active context in `metadata.trace_context`. */
export function withTraceContext(event: Event): Event {
  const carrier = inject<Record<string, string>>({}, { propagator });
  if (carrier['traceparent'] === undefined) return event;
  const trace_context = { tracestate: '', ...carrier };
  return { ...event, metadata: { ...event.metadata, trace_context } };
}

/** The context that an event was sent in, whatever it is otherwise; the root where it has none that can be read. */
export function traceContextIn(event: unknown): Context {
  const carrier = (event as Partial<Event> | null | undefined)?.metadata?.['trace_context'];
  return carrier === undefined ? ROOT_CONTEXT : extract(carrier, { propagator });
}
