import type { Attributes, TextMapPropagator } from '@opentelemetry/api';
import { getStringFromEnv } from '@opentelemetry/core';
import type { Resource } from '@opentelemetry/resources';
import type { Sampler } from '@opentelemetry/sdk-trace';
import { configOfFile } from './config-file/config-file.ts';
import { propagatorFromEnv } from './propagator.ts';
import { describeProcess } from './resource.ts';
import { samplerFromEnv } from './sampler.ts';
import { warn } from './warn.ts';

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
  processors<T>(signal: 'TRACES' | 'LOGS', make: (index: number) => T[]): T[];
}

/** The file that OTEL_CONFIG_FILE names decides; without one the variables do. What cannot be read starts nothing. */
export function configInForce(): Config {
  const file = getStringFromEnv('OTEL_CONFIG_FILE');
  if (file === undefined) return configOfEnv();
  try {
    return configOfFile(file);
  } catch (error) {
    warn(`OTEL_CONFIG_FILE: ${(error as Error).message}; nothing is traced`);
    return { ...configOfEnv(), disabled: true };
  }
}

const configOfEnv = (): Config => ({
  disabled: isDisabled(),
  within: (act) => act(),
  describe: describeProcess,
  propagator: propagatorFromEnv,
  traces: true,
  sampler: samplerFromEnv,
  processors: (_signal, make) => make(0),
});

function isDisabled(): boolean {
  const text = getStringFromEnv('OTEL_SDK_DISABLED') ?? 'false';
  const value = text.toLowerCase();
  if (value !== 'true' && value !== 'false')
    warn(`OTEL_SDK_DISABLED=${text} is neither true nor false; false is used`);
  return value === 'true';
}
