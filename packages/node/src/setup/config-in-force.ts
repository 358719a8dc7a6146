import { getStringFromEnv } from '@opentelemetry/core';
import { configOfFile } from './config-file/config-file.ts';
import type { Config } from './config.ts';
import { propagatorFromEnv } from './propagator.ts';
import { describeProcess } from './resource.ts';
import { samplerFromEnv } from './sampler.ts';
import { warn } from './warn.ts';

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
