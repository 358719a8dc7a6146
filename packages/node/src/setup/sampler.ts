import { getStringFromEnv } from '@opentelemetry/core';
import {
  AlwaysOffSampler,
  AlwaysOnSampler,
  ParentBasedSampler,
  type Sampler,
  TraceIdRatioBasedSampler,
} from '@opentelemetry/sdk-trace';
import { JaegerRemoteSampler } from '../sampling/jaeger-remote.ts';
import { warn } from './warn.ts';

const samplers = {
  always_on: () => new AlwaysOnSampler(),
  always_off: () => new AlwaysOffSampler(),
  traceidratio: () => new TraceIdRatioBasedSampler(ratio()),
  jaeger_remote: (serviceName) => jaegerRemote(serviceName),
} satisfies Record<string, (serviceName: string) => Sampler>;

/** Jaeger's own defaults. */
export const jaegerDefaults = {
  endpoint: 'http://localhost:5778',
  pollingIntervalMs: 60_000,
  initialSamplingRate: 0.001,
};

/** The sampler that OTEL_TRACES_SAMPLER and OTEL_TRACES_SAMPLER_ARG name; parentbased_always_on where they do not. */
export function samplerFromEnv(serviceName: string): Sampler {
  const name = (getStringFromEnv('OTEL_TRACES_SAMPLER') ?? 'parentbased_always_on').toLowerCase();
  const root = name.replace(/^parentbased_/, '');
  if (Object.hasOwn(samplers, root)) {
    const sampler = samplers[root as keyof typeof samplers](serviceName);
    return root === name ? sampler : new ParentBasedSampler({ root: sampler });
  }
  warn(
    `OTEL_TRACES_SAMPLER=${name} is not ${name === 'xray' ? 'supported' : 'known'}; parentbased_always_on is used`,
  );
  return new ParentBasedSampler({ root: new AlwaysOnSampler() });
}

function ratio(): number {
  const text = getStringFromEnv('OTEL_TRACES_SAMPLER_ARG') ?? '1';
  const value = Number(text);
  if (value >= 0 && value <= 1) return value;
  warn(`OTEL_TRACES_SAMPLER_ARG=${text} is not a number from 0 to 1; every trace is recorded`);
  return 1;
}

/** OTEL_TRACES_SAMPLER_ARG is `endpoint=http://host:port,pollingIntervalMs=5000,initialSamplingRate=0.25`. */
function jaegerRemote(serviceName: string): Sampler {
  const text = getStringFromEnv('OTEL_TRACES_SAMPLER_ARG') ?? '';
  const given = new Map<string, string>();
  for (const pair of text.split(',').filter((each) => each.trim() !== '')) {
    const [key = '', ...value] = pair.split('=');
    if (Object.hasOwn(jaegerDefaults, key.trim())) given.set(key.trim(), value.join('=').trim());
    else warn(`OTEL_TRACES_SAMPLER_ARG: ${key.trim()} is none of ${Object.keys(jaegerDefaults).join(', ')}`);
  }
  const valid = <T>(key: keyof typeof jaegerDefaults, read: (value: string) => T | undefined): T => {
    const value = given.get(key) ?? String(jaegerDefaults[key]);
    const understood = read(value);
    if (understood !== undefined) return understood;
    warn(`OTEL_TRACES_SAMPLER_ARG: ${key}=${value} is not understood; ${jaegerDefaults[key]} is used`);
    return read(String(jaegerDefaults[key])) as T;
  };
  const number = (least: number, most: number) => (value: string) =>
    value !== '' && Number(value) >= least && Number(value) <= most ? Number(value) : undefined;
  return new JaegerRemoteSampler({
    serviceName,
    endpoint: valid('endpoint', (value) =>
      /^https?:/.test(value) && URL.canParse(value) ? new URL(value) : undefined,
    ),
    pollingIntervalMs: valid('pollingIntervalMs', number(1, 2 ** 31 - 1)),
    initialSamplingRate: valid('initialSamplingRate', number(0, 1)),
  });
}
