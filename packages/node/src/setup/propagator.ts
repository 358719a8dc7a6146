import type { TextMapPropagator } from '@opentelemetry/api';
import { CompositePropagator, W3CBaggagePropagator, getStringListFromEnv } from '@opentelemetry/core';
import type * as AwsXray from '@opentelemetry/propagator-aws-xray';
import type * as B3 from '@opentelemetry/propagator-b3';
import type * as Jaeger from '@opentelemetry/propagator-jaeger';
import type * as OtTrace from '@opentelemetry/propagator-ot-trace';
import { createRequire } from 'node:module';
import { sampledOnly } from '../propagation/sampled-only.ts';
import { TraceContextPropagator } from '../propagation/trace-context.ts';
import { warn } from './warn.ts';

const require = createRequire(import.meta.url);

/** Packages that few ask for are loaded when one does. */
const propagators: Record<string, () => TextMapPropagator> = {
  tracecontext: () => new TraceContextPropagator(),
  baggage: () => new W3CBaggagePropagator(),
  b3: () => b3('SINGLE_HEADER'),
  b3multi: () => b3('MULTI_HEADER'),
  jaeger: () => {
    const { JaegerPropagator } = require('@opentelemetry/propagator-jaeger') as typeof Jaeger;
    return new JaegerPropagator();
  },
  xray: () => {
    const { AWSXRayPropagator } = require('@opentelemetry/propagator-aws-xray') as typeof AwsXray;
    return new AWSXRayPropagator();
  },
  ottrace: () => {
    const { OTTracePropagator } = require('@opentelemetry/propagator-ot-trace') as typeof OtTrace;
    return new OTTracePropagator();
  },
};
const knowTheFlags = new Set(['tracecontext', 'baggage']);

/** The propagators that OTEL_PROPAGATORS names; trace context and baggage where it names none. */
export const propagatorFromEnv = (): TextMapPropagator =>
  propagatorOf(
    (getStringListFromEnv('OTEL_PROPAGATORS') ?? ['tracecontext', 'baggage']).map((name) =>
      name.toLowerCase(),
    ),
    'OTEL_PROPAGATORS',
  );

/** Those of these names, each once, in this order: the later ones win. `none` among them is none. */
export function propagatorOf(names: readonly string[], askedIn: string): TextMapPropagator {
  if (names.includes('none')) return new CompositePropagator();
  const unknown = names.filter((name) => !Object.hasOwn(propagators, name));
  if (unknown.length > 0) warn(`${askedIn}: ${unknown.join(', ')} is not known and left out`);
  return new CompositePropagator({ propagators: [...new Set(names)].flatMap(named) });
}

function named(name: string): TextMapPropagator[] {
  const made = propagators[name]?.();
  if (!made) return [];
  return [knowTheFlags.has(name) ? made : sampledOnly(made)];
}

function b3(encoding: 'SINGLE_HEADER' | 'MULTI_HEADER'): TextMapPropagator {
  const { B3Propagator, B3InjectEncoding } = require('@opentelemetry/propagator-b3') as typeof B3;
  return new B3Propagator({ injectEncoding: B3InjectEncoding[encoding] });
}
