import { getStringFromEnv, getStringListFromEnv } from '@opentelemetry/core';
import { ConsoleLogRecordExporter, type ReadableLogRecord } from '@opentelemetry/sdk-logs';
import { createRequire } from 'node:module';
import { otlpFile } from '../export/otlp-file.ts';
import { tlsFromEnv } from '../export/otlp-target.ts';
import type { Exporter } from '../export/watch.ts';
import { variablesNow, withVariables } from './config-file/variables.ts';
import type { Signal } from './signal.ts';
import { warn } from './warn.ts';

const require = createRequire(import.meta.url);

export type OtlpProtocol = 'grpc' | 'http/protobuf' | 'http/json';

/** How long a connection for log records may take, or be without use. */
const connectMs = 10_000;
const exporters = ['otlp', 'otlp_file', 'console'] as const;
type ExporterName = (typeof exporters)[number];
const isExporter = (name: string): name is ExporterName => exporters.some((each) => each === name);

const packages: Record<OtlpProtocol, string> = {
  grpc: 'grpc',
  'http/protobuf': 'proto',
  'http/json': 'http',
};

/** The exporters that OTEL_LOGS_EXPORTER names (otlp, otlp_file, console, none); otlp where it names none. */
export function logExportersFromEnv(): Exporter<ReadableLogRecord>[] {
  return exporterNames('LOGS').map((name) => {
    if (name === 'otlp') return otlpLogs(otlpProtocol('LOGS'));
    return name === 'otlp_file' ? otlpFile('LOGS') : new ConsoleLogRecordExporter();
  });
}

/** What OTEL_TRACES_EXPORTER or OTEL_LOGS_EXPORTER names, each once; otlp where it names nothing. */
export function exporterNames(signal: Signal): ExporterName[] {
  const variable = `OTEL_${signal}_EXPORTER`;
  const names = [...new Set((getStringListFromEnv(variable) ?? ['otlp']).map((name) => name.toLowerCase()))];
  if (names.includes('none')) return [];
  const known = names.filter((name) => isExporter(name));
  const unknown = names.filter((name) => !isExporter(name));
  if (unknown.length > 0) warn(`${variable}: ${unknown.join(', ')} is not known and left out`);
  return known;
}

/**
 * The exporter of OpenTelemetry as the variables say now; loaded at the first export, because the start of a service is
 * no time for a hundred files.
 */
function otlpLogs(protocol: OtlpProtocol): Exporter<ReadableLogRecord> {
  const variables = variablesNow();
  let loaded: Exporter<ReadableLogRecord> | undefined;
  const load = (): Exporter<ReadableLogRecord> => {
    const { OTLPLogExporter } = require(`@opentelemetry/exporter-logs-otlp-${packages[protocol]}`) as {
      OTLPLogExporter: new (config: object) => Exporter<ReadableLogRecord>;
    };
    return withVariables(variables, () => {
      if (protocol === 'grpc') return new OTLPLogExporter({});
      // By itself it waits for a connection as long as the system does, which keeps a process alive for two minutes.
      return new OTLPLogExporter({
        httpAgentOptions: { ...tlsFromEnv('LOGS'), keepAlive: true, timeout: connectMs },
      });
    });
  };
  return {
    export: (items, done) => (loaded ??= load()).export(items, done),
    forceFlush: async () => loaded?.forceFlush?.(),
    shutdown: async () => loaded?.shutdown(),
  };
}

/** What OTEL_EXPORTER_OTLP_PROTOCOL says, and that of the signal before it. */
export function otlpProtocol(signal: Signal): OtlpProtocol {
  const variables = [`OTEL_EXPORTER_OTLP_${signal}_PROTOCOL`, 'OTEL_EXPORTER_OTLP_PROTOCOL'];
  const variable = variables.find((name) => getStringFromEnv(name) !== undefined) ?? '';
  const protocol = getStringFromEnv(variable) ?? 'http/protobuf';
  if (protocol in packages) return protocol as OtlpProtocol;
  warn(`${variable}=${protocol} is not known; http/protobuf is used`);
  return 'http/protobuf';
}
