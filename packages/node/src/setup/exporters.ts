import { getStringFromEnv, getStringListFromEnv } from '@opentelemetry/core';
import { ConsoleLogRecordExporter, type ReadableLogRecord } from '@opentelemetry/sdk-logs';
import { ConsoleSpanExporter, type ReadableSpan } from '@opentelemetry/sdk-trace';
import { createRequire } from 'node:module';
import type { Exporter } from '../export/watch.ts';
import { warn } from './warn.ts';

const require = createRequire(import.meta.url);
const packages: Record<string, string> = { grpc: 'grpc', 'http/protobuf': 'proto', 'http/json': 'http' };

/** The exporters that OTEL_TRACES_EXPORTER names (otlp, console, none); otlp where it names none. */
export function spanExportersFromEnv(): Exporter<ReadableSpan>[] {
  return fromEnv<ReadableSpan>('TRACES', 'OTLPTraceExporter', () => new ConsoleSpanExporter());
}

/** The exporters that OTEL_LOGS_EXPORTER names (otlp, console, none); otlp where it names none. */
export function logExportersFromEnv(): Exporter<ReadableLogRecord>[] {
  return fromEnv<ReadableLogRecord>('LOGS', 'OTLPLogExporter', () => new ConsoleLogRecordExporter());
}

type Signal = 'TRACES' | 'LOGS';

function fromEnv<Item>(signal: Signal, otlpClass: string, toConsole: () => Exporter<Item>): Exporter<Item>[] {
  const variable = `OTEL_${signal}_EXPORTER`;
  const names = getStringListFromEnv(variable) ?? ['otlp'];
  if (names.includes('none')) return [];
  const make: Record<string, () => Exporter<Item>> = {
    otlp: () => otlp(otlpPackage(signal), otlpClass),
    console: toConsole,
  };
  const unknown = names.filter((name) => !(name in make));
  if (unknown.length > 0) warn(`${variable}: ${unknown.join(', ')} is not known and left out`);
  return [...new Set(names)].flatMap((name) => make[name]?.() ?? []);
}

/** Loaded at the first export: the start of a service is no time to load a hundred files. */
function otlp<Item>(name: string, otlpClass: string): Exporter<Item> {
  let loaded: Exporter<Item> | undefined;
  const load = (): Exporter<Item> => {
    const { [otlpClass]: Otlp } = require(name) as Record<string, new () => Exporter<Item>>;
    if (!Otlp) throw new Error(`${name} has no ${otlpClass}`);
    return new Otlp();
  };
  return {
    export: (items, done) => (loaded ??= load()).export(items, done),
    forceFlush: async () => loaded?.forceFlush?.(),
    shutdown: async () => loaded?.shutdown(),
  };
}

function otlpPackage(signal: Signal): string {
  const variables = [`OTEL_EXPORTER_OTLP_${signal}_PROTOCOL`, 'OTEL_EXPORTER_OTLP_PROTOCOL'];
  const variable = variables.find((name) => getStringFromEnv(name) !== undefined) ?? '';
  const protocol = getStringFromEnv(variable) ?? 'http/protobuf';
  const kind = packages[protocol];
  if (!kind) warn(`${variable}=${protocol} is not known; http/protobuf is used`);
  return `@opentelemetry/exporter-${signal === 'TRACES' ? 'trace' : 'logs'}-otlp-${kind ?? 'proto'}`;
}
