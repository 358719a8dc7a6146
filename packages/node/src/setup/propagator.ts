import type { TextMapPropagator } from '@opentelemetry/api';
import {
  CompositePropagator,
  W3CBaggagePropagator,
  W3CTraceContextPropagator,
  getStringListFromEnv,
} from '@opentelemetry/core';
import { warn } from './warn.ts';

const propagators: Record<string, () => TextMapPropagator> = {
  tracecontext: () => new W3CTraceContextPropagator(),
  baggage: () => new W3CBaggagePropagator(),
};

/** The propagators that OTEL_PROPAGATORS names; trace context and baggage where it names none. */
export function propagatorFromEnv(): TextMapPropagator {
  const names = getStringListFromEnv('OTEL_PROPAGATORS') ?? ['tracecontext', 'baggage'];
  if (names.includes('none')) return new CompositePropagator();
  const unknown = names.filter((name) => !(name in propagators));
  if (unknown.length > 0) warn(`OTEL_PROPAGATORS: ${unknown.join(', ')} is not known and left out`);
  const known = [...new Set(names)].flatMap((name) => propagators[name]?.() ?? []);
  return new CompositePropagator({ propagators: known });
}
