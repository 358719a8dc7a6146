import { ExportResultCode } from '@opentelemetry/core';
import { JsonTraceSerializer } from '@opentelemetry/otlp-transformer';
import { BatchSpanProcessor, type SpanExporter, type SpanProcessor } from '@opentelemetry/sdk-trace';
import { appendFile } from 'node:fs/promises';

/**
 * Appends each batch to `file` as one line: OTLP's TracesData as JSON, what the Collector's file exporter writes. All
 * processes may append to the same file.
 */
export function traceFile(file: string): SpanProcessor {
  const exporter: SpanExporter = {
    export: (spans, done) => {
      const line = Buffer.concat([
        JsonTraceSerializer.serializeRequest(spans) ?? Buffer.alloc(0),
        Buffer.from('\n'),
      ]);
      appendFile(file, line).then(
        () => done({ code: ExportResultCode.SUCCESS }),
        (error: Error) => done({ code: ExportResultCode.FAILED, error }),
      );
    },
    shutdown: async () => {},
  };
  return new BatchSpanProcessor({ exporter, scheduledDelayMillis: 500 });
}
