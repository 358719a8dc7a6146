import type { Attributes, TextMapPropagator } from '@opentelemetry/api';
import type { Resource } from '@opentelemetry/resources';
import type { Sampler } from '@opentelemetry/sdk-trace';
import type { Signal } from './signal.ts';

/** What is asked for from outside of the program: by variables, or by a file in their place. */
export interface Config {
  readonly disabled: boolean;
  /** Calls `act` while the environment has nothing else to say than what is asked for. */
  within<T>(act: () => T): T;
  /** What the process is: what is found, what is asked for, `own`; the later wins. */
  describe(own: Attributes): Resource;
  propagator(): TextMapPropagator;
  /** Where it is false, nothing makes spans, and the context of others is passed on. */
  readonly traces: boolean;
  sampler(serviceName: string): Sampler;
  /** Calls `make` for each list of processors of the signal, while the variables say how these are to be. */
  processors<T>(signal: Signal, make: (index: number) => T[]): T[];
}
