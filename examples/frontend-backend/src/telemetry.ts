import { type Span, SpanStatusCode } from '@opentelemetry/api';
import { type Telemetry, otlpLogStream, start, traceFields } from '@throughline/node';
import { type Logger, multistream, pino } from 'pino';
import { BlockingExport } from './blocking-export.ts';
import { settings } from './settings.ts';

/**
 * Starts tracing and logging of a service. The spans of its calls are its own, not those of an instrumentation: the
 * example shows what can be done by hand.
 */
export function startTelemetry(serviceName: string): { telemetry: Telemetry; log: Logger } {
  const telemetry = start({
    ...(process.env['OTEL_SERVICE_NAME'] === undefined && { serviceName }),
    instrumentations: [],
    flushOnExit: false,
    ...(settings.blockingExport && { spanProcessors: [new BlockingExport(settings.exportDelayMs)] }),
  });
  const streams = multistream([{ stream: process.stdout }, { stream: otlpLogStream() }]);
  return { telemetry, log: pino({ name: serviceName, mixin: traceFields }, streams) };
}

/** Marks `span` as failed because of `error`. */
export function failed(span: Span, error: unknown): void {
  const { message } = asError(error);
  span.recordException(asError(error));
  span.setStatus({ code: SpanStatusCode.ERROR, message });
}

export const asError = (error: unknown): Error => (error instanceof Error ? error : new Error(String(error)));
