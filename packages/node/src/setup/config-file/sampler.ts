import type { SamplerConfigModel } from '@opentelemetry/configuration';
import {
  AlwaysOffSampler,
  AlwaysOnSampler,
  ParentBasedSampler,
  type Sampler,
  TraceIdRatioBasedSampler,
} from '@opentelemetry/sdk-trace';
import { JaegerRemoteSampler } from '../../sampling/jaeger-remote.ts';
import { jaegerDefaults } from '../sampler.ts';
import { warn } from '../warn.ts';
import { warnOfOthers } from './section.ts';

const supported = [
  'always_on',
  'always_off',
  'trace_id_ratio_based',
  'parent_based',
  'jaeger_remote/development',
] as const;

/** The sampler in this section; one that follows the parent and records all other traces where it is not supported. */
export function samplerOf(section: SamplerConfigModel, path: string, serviceName: string): Sampler {
  warnOfOthers(section, path, supported);
  const kind = supported.find((each) => each in section);
  const nested = (at: SamplerConfigModel | undefined, key: string): Sampler | undefined =>
    at && samplerOf(at, `${path}.${kind}.${key}`, serviceName);
  switch (kind) {
    case 'always_on':
      return new AlwaysOnSampler();
    case 'always_off':
      return new AlwaysOffSampler();
    case 'trace_id_ratio_based':
      return new TraceIdRatioBasedSampler(section.trace_id_ratio_based?.ratio ?? 1);
    case 'parent_based':
      return parentBased(section.parent_based, nested);
    case 'jaeger_remote/development':
      return jaegerRemote(section['jaeger_remote/development'], path, serviceName, nested);
    case undefined:
      return new ParentBasedSampler({ root: new AlwaysOnSampler() });
  }
}

type Nested = (at: SamplerConfigModel | undefined, key: string) => Sampler | undefined;

function parentBased(section: SamplerConfigModel['parent_based'], nested: Nested): Sampler {
  const part = <Key extends string>(
    key: Key,
    at: SamplerConfigModel | undefined,
    name: string,
  ): { [K in Key]?: Sampler } => {
    const sampler = nested(at, name);
    return (sampler ? { [key]: sampler } : {}) as { [K in Key]?: Sampler };
  };
  return new ParentBasedSampler({
    root: nested(section?.root, 'root') ?? new AlwaysOnSampler(),
    ...part('remoteParentSampled', section?.remote_parent_sampled, 'remote_parent_sampled'),
    ...part('remoteParentNotSampled', section?.remote_parent_not_sampled, 'remote_parent_not_sampled'),
    ...part('localParentSampled', section?.local_parent_sampled, 'local_parent_sampled'),
    ...part('localParentNotSampled', section?.local_parent_not_sampled, 'local_parent_not_sampled'),
  });
}

function jaegerRemote(
  section: SamplerConfigModel['jaeger_remote/development'],
  path: string,
  serviceName: string,
  nested: Nested,
): Sampler {
  const asked = section?.endpoint ?? '';
  const isUrl = /^https?:/.test(asked) && URL.canParse(asked);
  if (!isUrl)
    warn(
      `OTEL_CONFIG_FILE: ${path}.jaeger_remote/development.endpoint is not a URL; ${jaegerDefaults.endpoint} is used`,
    );
  const initialSampler = nested(section?.initial_sampler, 'initial_sampler');
  return new JaegerRemoteSampler({
    endpoint: new URL(isUrl ? asked : jaegerDefaults.endpoint),
    serviceName,
    pollingIntervalMs: section?.interval ?? jaegerDefaults.pollingIntervalMs,
    initialSamplingRate: jaegerDefaults.initialSamplingRate,
    ...(initialSampler && { initialSampler }),
  });
}
