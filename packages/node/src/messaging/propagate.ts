import {
  type Context,
  ROOT_CONTEXT,
  type TextMapPropagator,
  type TextMapSetter,
  context as active,
  diag,
  propagation,
} from '@opentelemetry/api';
import { type Fields, readCarrier } from './carrier.ts';
import { baggageFromEnv } from './settings.ts';
import { writeCarrier } from './write-carrier.ts';

/** How to write a context into a carrier. */
export interface InjectOptions {
  /** Default: the active one. */
  context?: Context;
  /** As Go's header map has it: `{ Traceparent: ['00-…'] }`. Default: `{ traceparent: '00-…' }`. */
  canonical?: boolean;
  /** Whether baggage goes along. Default: with a propagator of one's own yes, else as THROUGHLINE_MESSAGING_BAGGAGE says. */
  baggage?: boolean;
  /** Default: the one that OTEL_PROPAGATORS names. */
  propagator?: TextMapPropagator;
}

/** How to read a context out of a carrier. */
export interface ExtractOptions {
  /** What the context read is added to. Default: the root, so nothing that is active here gets in. */
  context?: Context;
  /** Default: the one that OTEL_PROPAGATORS names. */
  propagator?: TextMapPropagator;
}

/**
 * Writes the context into `carrier`, which may be headers (an object, a list, Headers, a Map), gRPC Metadata, NATS headers or
 * any object that goes into JSON, and returns it. An older context in it is replaced, however its names were spelt. Where
 * there is nothing to write, or the carrier cannot be written to, it stays as it was. Never throws.
 */
export function inject<C extends object>(carrier: C, options: InjectOptions = {}): C {
  const propagator = options.propagator ?? theGlobal;
  const baggage = options.baggage ?? (options.propagator !== undefined || baggageFromEnv());
  const context = options.context ?? active.active();
  const fields = new Map<string, string>();
  try {
    propagator.inject(baggage ? context : propagation.deleteBaggage(context), fields, intoMap);
    if (fields.size === 0) return carrier;
    const old = (): ReadonlySet<string> => {
      const names = new Set([...propagator.fields(), ...fields.keys()].map((name) => name.toLowerCase()));
      if (!baggage) names.delete('baggage');
      return names;
    };
    writeCarrier(carrier, fields, old, { canonical: options.canonical ?? false });
  } catch (error) {
    diag.warn('the trace context was not written into a carrier', error);
  }
  return carrier;
}

/** The context as JSON text: `{"traceparent":"00-…"}`. */
export const injectString = (options?: InjectOptions): string => JSON.stringify(inject({}, options));

/**
 * Reads the context out of `carrier`, which may be any of what `inject` writes into or `injectString` returns, its names in
 * any case, its values texts, bytes or lists of these. From anything else comes the context unchanged. Never throws.
 */
export function extract(carrier: unknown, options: ExtractOptions = {}): Context {
  const propagator = options.propagator ?? theGlobal;
  const context = options.context ?? ROOT_CONTEXT;
  try {
    return propagator.extract(context, readCarrier(carrier, propagator.fields()), fromFields);
  } catch {
    return context;
  }
}

const theGlobal: TextMapPropagator = {
  inject: (context, carrier, setter) => propagation.inject(context, carrier, setter),
  extract: (context, carrier, getter) => propagation.extract(context, carrier, getter),
  fields: () => propagation.fields(),
};

const intoMap: TextMapSetter<Map<string, string>> = {
  set: (fields, name, value) => {
    if (value !== '') fields.set(name, value);
  },
};

const fromFields = {
  keys: (fields: Fields): string[] => [...fields.keys()],
  get: (fields: Fields, name: string): string | string[] | undefined => {
    const texts = fields.get(name.toLowerCase());
    return texts?.length === 1 ? texts[0] : texts && [...texts];
  },
};
