import { type ExportResult, ExportResultCode, getStringFromEnv } from '@opentelemetry/core';
import type * as Transformer from '@opentelemetry/otlp-transformer';
import { appendFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import type { Signal } from '../setup/signal.ts';
import type { Exporter } from './watch.ts';

const require = createRequire(import.meta.url);

/**
 * Writes each request as OTLP JSON in a line of its own (OpenTelemetry's "OTLP file exporter") to the file that
 * THROUGHLINE_OTLP_FILE names, as a path or a file URL; to standard output where it names none, or `stdout`.
 */
export function otlpFile<Item>(signal: Signal): Exporter<Item> {
  const to = getStringFromEnv('THROUGHLINE_OTLP_FILE') ?? 'stdout';
  const path = to.startsWith('file:') ? fileURLToPath(to) : to;
  let written = Promise.resolve();
  const write = async (line: string): Promise<void> => {
    if (path === 'stdout') process.stdout.write(line);
    else await appendFile(path, line);
  };
  return {
    export: (items, done) => {
      written = written
        .then(() => write(`${lineOf(signal, items)}\n`))
        .then(
          () => done({ code: ExportResultCode.SUCCESS }),
          (error: Error) => done({ code: ExportResultCode.FAILED, error } satisfies ExportResult),
        );
    },
    forceFlush: () => written,
    shutdown: () => written,
  };
}

function lineOf(signal: Signal, items: readonly unknown[]): string {
  const { JsonLogsSerializer, JsonTraceSerializer } =
    require('@opentelemetry/otlp-transformer') as typeof Transformer;
  const serializer = signal === 'TRACES' ? JsonTraceSerializer : JsonLogsSerializer;
  return Buffer.from(serializer.serializeRequest(items as never) ?? []).toString();
}
