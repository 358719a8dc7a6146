import { getStringListFromEnv } from '@opentelemetry/core';
import {
  type Instrumentation,
  type InstrumentationConfig,
  registerInstrumentations,
} from '@opentelemetry/instrumentation';
import type { HttpInstrumentationConfig } from '@opentelemetry/instrumentation-http';
import type { UndiciInstrumentationConfig } from '@opentelemetry/instrumentation-undici';
import { watchConsole } from '../logs/console-json.ts';
import type { KafkaConfig } from '../messaging/kafka/config.ts';
import { watchPlatformaticKafka } from '../messaging/kafka/platformatic.ts';
import { checkMessagingVariables } from '../messaging/settings.ts';
import type { NetworkPhases } from '../network/network-trace.ts';
import { watchSockets } from '../network/sockets.ts';
import { warn } from '../setup/warn.ts';
import { instrumentFetch } from './fetch.ts';
import { instrumentHttp } from './http.ts';
import { type LibraryConfigs, libraries } from './libraries.ts';
import { hookModules } from './module-hooks.ts';
import { type Library, hookPackages } from './package-hooks.ts';

/** How each instrumentation is to work, by its short name: hooks, what is left out, what is recorded besides. */
export interface InstrumentationConfigs extends LibraryConfigs {
  /** node:http and node:https. */
  http?: HttpInstrumentationConfig;
  /** fetch and undici. */
  undici?: UndiciInstrumentationConfig;
  /** `@platformatic/kafka`. */
  'platformatic-kafka'?: KafkaConfig;
}

type Name = keyof InstrumentationConfigs;

const builtin = ['http', 'undici', 'platformatic-kafka'] as const;
const all: readonly Name[] = [...builtin, ...(Object.keys(libraries) as (keyof typeof libraries)[])];

/**
 * Instruments node:http, node:https, fetch and the libraries that the application comes to load, but for those that
 * OTEL_NODE_DISABLED_INSTRUMENTATIONS names, OTEL_NODE_ENABLED_INSTRUMENTATIONS does not, or whose configuration has
 * `enabled: false`. A list of instrumentations takes the place of all of these. The console is apart.
 */
export function instrument(
  phases: NetworkPhases,
  given: readonly Instrumentation[] | InstrumentationConfigs = {},
): void {
  if (phases !== 'off') watchSockets();
  checkMessagingVariables();
  watchConsole();
  if (isList(given)) {
    register(given);
    return;
  }
  const names = namesFromEnv().filter((name) => given[name]?.enabled !== false);
  register([
    ...(names.includes('http') ? [instrumentHttp(phases, given.http)] : []),
    ...(names.includes('undici') ? [instrumentFetch(phases, given.undici)] : []),
  ]);
  if (names.includes('platformatic-kafka')) watchPlatformaticKafka(given['platformatic-kafka']);
  hookPackages(names.flatMap((name) => (name in libraries ? [configured(name, given)] : [])));
}

function configured(name: Name, given: InstrumentationConfigs): readonly [Library, InstrumentationConfig] {
  return [libraries[name as keyof typeof libraries], given[name] ?? {}];
}

function register(instrumentations: readonly Instrumentation[]): void {
  registerInstrumentations({ instrumentations: [...instrumentations] });
  hookModules(instrumentations);
}

function isList(
  given: readonly Instrumentation[] | InstrumentationConfigs,
): given is readonly Instrumentation[] {
  return Array.isArray(given);
}

function namesFromEnv(): Name[] {
  const enabled = getStringListFromEnv('OTEL_NODE_ENABLED_INSTRUMENTATIONS') ?? all;
  const disabled = getStringListFromEnv('OTEL_NODE_DISABLED_INSTRUMENTATIONS') ?? [];
  for (const name of [...enabled, ...disabled]) {
    if (!all.some((each) => each === name))
      warn(`OTEL_NODE_…_INSTRUMENTATIONS: ${name} is not among ${all.join(', ')}`);
  }
  return all.filter((name) => enabled.includes(name) && !disabled.includes(name));
}
