import type { ConfigurationModel } from '@opentelemetry/configuration';
import { CompositePropagator } from '@opentelemetry/core';
import { AlwaysOnSampler, ParentBasedSampler } from '@opentelemetry/sdk-trace';
import type { Config } from '../config.ts';
import { propagatorOf } from '../propagator.ts';
import { exportsOf } from './exports.ts';
import { readConfigFile } from './read.ts';
import { resourceOf } from './resource.ts';
import { samplerOf } from './sampler.ts';
import { warnOfOthers } from './section.ts';
import { type Variables, given, withVariables } from './variables.ts';

/**
 * What the file at `path` asks for (OpenTelemetry's declarative configuration, `file_format` 1.x). What of it has no
 * effect is said. Throws where the file cannot be read.
 */
export function configOfFile(path: string): Config {
  const model = readConfigFile(path);
  warnOfOthers(model, '', [
    'disabled',
    'log_level',
    'attribute_limits',
    'propagator',
    'resource',
    'tracer_provider',
    'logger_provider',
    'distribution',
  ]);
  warnOfOthers(model.tracer_provider, 'tracer_provider', ['processors', 'limits', 'sampler', 'id_generator']);
  warnOfOthers(model.tracer_provider?.id_generator, 'tracer_provider.id_generator', ['random']);
  warnOfOthers(model.logger_provider, 'logger_provider', ['processors', 'limits']);
  const all = variablesOf(model);
  const asked = {
    TRACES: exportsOf('TRACES', model.tracer_provider?.processors ?? [], 'tracer_provider.processors'),
    LOGS: exportsOf('LOGS', model.logger_provider?.processors ?? [], 'logger_provider.processors'),
  };
  const sampler = model.tracer_provider?.sampler;
  return {
    disabled: model.disabled ?? false,
    within: (act) => withVariables(all, act),
    describe: (own) => resourceOf(model.resource, own),
    propagator: () => propagatorIn(model.propagator),
    traces: model.tracer_provider !== undefined,
    sampler: (serviceName) =>
      sampler
        ? samplerOf(sampler, 'tracer_provider.sampler', serviceName)
        : new ParentBasedSampler({ root: new AlwaysOnSampler() }),
    processors: (signal, make) =>
      asked[signal].flatMap((each, index) => withVariables({ ...all, ...each }, () => make(index))),
  };
}

function propagatorIn(section: ConfigurationModel['propagator']): ReturnType<typeof propagatorOf> {
  const named = (section?.composite ?? []).flatMap((each) => Object.keys(each));
  const listed = (section?.composite_list ?? '').split(',').map((name) => name.trim());
  const names = [...named, ...listed].filter((name) => name !== '');
  return names.length > 0 ? propagatorOf(names, 'OTEL_CONFIG_FILE: propagator') : new CompositePropagator();
}

/** What the file says of limits, and of how much the SDK says of itself. */
function variablesOf({
  attribute_limits: shared,
  tracer_provider,
  logger_provider,
  log_level,
}: ConfigurationModel): Variables {
  const spans = tracer_provider?.limits;
  const records = logger_provider?.limits;
  return given({
    OTEL_LOG_LEVEL: log_level?.replace(/\d$/, '').replace('trace', 'verbose').replace('fatal', 'error'),
    OTEL_ATTRIBUTE_VALUE_LENGTH_LIMIT: shared?.attribute_value_length_limit,
    OTEL_ATTRIBUTE_COUNT_LIMIT: shared?.attribute_count_limit,
    OTEL_SPAN_ATTRIBUTE_VALUE_LENGTH_LIMIT: spans?.attribute_value_length_limit,
    OTEL_SPAN_ATTRIBUTE_COUNT_LIMIT: spans?.attribute_count_limit,
    OTEL_SPAN_EVENT_COUNT_LIMIT: spans?.event_count_limit,
    OTEL_SPAN_LINK_COUNT_LIMIT: spans?.link_count_limit,
    OTEL_EVENT_ATTRIBUTE_COUNT_LIMIT: spans?.event_attribute_count_limit,
    OTEL_LINK_ATTRIBUTE_COUNT_LIMIT: spans?.link_attribute_count_limit,
    OTEL_LOGRECORD_ATTRIBUTE_VALUE_LENGTH_LIMIT: records?.attribute_value_length_limit,
    OTEL_LOGRECORD_ATTRIBUTE_COUNT_LIMIT: records?.attribute_count_limit,
  });
}
