import { getStringFromEnv } from '@opentelemetry/core';
import {
  AlwaysOffSampler,
  AlwaysOnSampler,
  ParentBasedSampler,
  type Sampler,
  TraceIdRatioBasedSampler,
} from '@opentelemetry/sdk-trace';
import { warn } from './warn.ts';

const samplers = {
  always_on: () => new AlwaysOnSampler(),
  always_off: () => new AlwaysOffSampler(),
  traceidratio: () => new TraceIdRatioBasedSampler(ratio()),
} satisfies Record<string, () => Sampler>;

/** The sampler that OTEL_TRACES_SAMPLER and OTEL_TRACES_SAMPLER_ARG name; parentbased_always_on where they do not. */
export function samplerFromEnv(): Sampler {
  const name = getStringFromEnv('OTEL_TRACES_SAMPLER') ?? 'parentbased_always_on';
  const root = name.replace(/^parentbased_/, '');
  if (root in samplers) {
    const sampler = samplers[root as keyof typeof samplers]();
    return root === name ? sampler : new ParentBasedSampler({ root: sampler });
  }
  warn(`OTEL_TRACES_SAMPLER=${name} is not known; every trace is recorded`);
  return new ParentBasedSampler({ root: new AlwaysOnSampler() });
}

function ratio(): number {
  const text = getStringFromEnv('OTEL_TRACES_SAMPLER_ARG') ?? '1';
  const value = Number(text);
  if (value >= 0 && value <= 1) return value;
  warn(`OTEL_TRACES_SAMPLER_ARG=${text} is not a number from 0 to 1; every trace is recorded`);
  return 1;
}
