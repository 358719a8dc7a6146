import { getStringFromEnv, getStringListFromEnv } from '@opentelemetry/core';
import { ConsoleLogRecordExporter, type LogRecordExporter } from '@opentelemetry/sdk-logs';
import { ConsoleSpanExporter, type SpanExporter } from '@opentelemetry/sdk-trace';
import { createRequire } from 'node:module';
import { warn } from './warn.ts';

// Loaded only when named: each protocol costs its own time at the start of the service.
const require = createRequire(import.meta.url);
const packages: Record<string, string> = { grpc: 'grpc', 'http/protobuf': 'proto', 'http/json': 'http' };

/** The exporters that OTEL_TRACES_EXPORTER names (otlp, console, none); otlp where it names none. */
export function spanExportersFromEnv(): SpanExporter[] {
  return fromEnv(
    'TRACES',
    () => {
      const { OTLPTraceExporter } = require(otlpPackage('TRACES')) as {
        OTLPTraceExporter: new () => SpanExporter;
      };
      return new OTLPTraceExporter();
    },
    () => new ConsoleSpanExporter(),
  );
}

/** The exporters that OTEL_LOGS_EXPORTER names (otlp, console, none); otlp where it names none. */
export function logExportersFromEnv(): LogRecordExporter[] {
  return fromEnv(
    'LOGS',
    () => {
      const { OTLPLogExporter } = require(otlpPackage('LOGS')) as {
        OTLPLogExporter: new () => LogRecordExporter;
      };
      return new OTLPLogExporter();
    },
    () => new ConsoleLogRecordExporter(),
  );
}

type Signal = 'TRACES' | 'LOGS';

function fromEnv<Exporter>(signal: Signal, otlp: () => Exporter, toConsole: () => Exporter): Exporter[] {
  const variable = `OTEL_${signal}_EXPORTER`;
  const names = getStringListFromEnv(variable) ?? ['otlp'];
  if (names.includes('none')) return [];
  const make: Record<string, () => Exporter> = { otlp, console: toConsole };
  const unknown = names.filter((name) => !(name in make));
  if (unknown.length > 0) warn(`${variable}: ${unknown.join(', ')} is not known and left out`);
  return [...new Set(names)].flatMap((name) => make[name]?.() ?? []);
}

function otlpPackage(signal: Signal): string {
  const variables = [`OTEL_EXPORTER_OTLP_${signal}_PROTOCOL`, 'OTEL_EXPORTER_OTLP_PROTOCOL'];
  const variable = variables.find((name) => getStringFromEnv(name) !== undefined) ?? '';
  const protocol = getStringFromEnv(variable) ?? 'http/protobuf';
  const kind = packages[protocol];
  if (!kind) warn(`${variable}=${protocol} is not known; http/protobuf is used`);
  return `@opentelemetry/exporter-${signal === 'TRACES' ? 'trace' : 'logs'}-otlp-${kind ?? 'proto'}`;
}
