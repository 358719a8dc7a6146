import type { Attributes } from '@opentelemetry/api';
import { getStringFromEnv } from '@opentelemetry/core';
import type { Instrumentation } from '@opentelemetry/instrumentation';
import type { IdGenerator, Sampler, SpanProcessor } from '@opentelemetry/sdk-trace';
import type { InstrumentationConfigs } from '../instrumentations/instrument.ts';
import type { NetworkPhases } from '../network/network-trace.ts';
import { warn } from './warn.ts';

/** What code may say; all else comes from the standard OTEL_* variables. What code says wins. */
export interface StartOptions {
  /** Default: OTEL_SERVICE_NAME, else the name in the application's package.json. */
  serviceName?: string;
  /** Default: the version in the application's package.json. */
  serviceVersion?: string;
  /** Further attributes of the resource. */
  resource?: Attributes;
  /** How network phases of HTTP requests are shown. Default: THROUGHLINE_NETWORK_PHASES, else `spans`. */
  networkPhases?: NetworkPhases;
  /** Instead of the one that OTEL_TRACES_SAMPLER names. */
  sampler?: Sampler;
  /** Instead of random ids. */
  idGenerator?: IdGenerator;
  /** How those that come with this package are to work, by short name; or, as a list, what takes the place of them all. */
  instrumentations?: InstrumentationConfigs | Instrumentation[];
  /** Instead of a batch processor for each exporter that OTEL_TRACES_EXPORTER names. */
  spanProcessors?: SpanProcessor[];
  /** On SIGTERM and SIGINT, and when nothing is left to do, export what is waiting. Default: true. */
  flushOnExit?: boolean;
}

const modes = ['spans', 'nested', 'events', 'off'] as const;

export function networkPhasesFromEnv(): NetworkPhases {
  const text = getStringFromEnv('THROUGHLINE_NETWORK_PHASES') ?? 'spans';
  const mode = modes.find((each) => each === text);
  if (!mode) warn(`THROUGHLINE_NETWORK_PHASES=${text} is none of ${modes.join(', ')}; spans is used`);
  return mode ?? 'spans';
}
