import { getStringFromEnv } from '@opentelemetry/core';
import type { LogRecordLimits } from '@opentelemetry/sdk-logs';
import type { SpanLimits } from '@opentelemetry/sdk-trace';
import { warn } from './warn.ts';

/** The limits that OTEL_ATTRIBUTE_*, OTEL_SPAN_*, OTEL_EVENT_* and OTEL_LINK_* variables set. */
export function spanLimitsFromEnv(): SpanLimits {
  return given({
    attributeValueLengthLimit: first(
      'OTEL_SPAN_ATTRIBUTE_VALUE_LENGTH_LIMIT',
      'OTEL_ATTRIBUTE_VALUE_LENGTH_LIMIT',
    ),
    attributeCountLimit: first('OTEL_SPAN_ATTRIBUTE_COUNT_LIMIT', 'OTEL_ATTRIBUTE_COUNT_LIMIT'),
    linkCountLimit: first('OTEL_SPAN_LINK_COUNT_LIMIT'),
    eventCountLimit: first('OTEL_SPAN_EVENT_COUNT_LIMIT'),
    attributePerEventCountLimit: first('OTEL_EVENT_ATTRIBUTE_COUNT_LIMIT'),
    attributePerLinkCountLimit: first('OTEL_LINK_ATTRIBUTE_COUNT_LIMIT'),
  });
}

export function logLimitsFromEnv(): LogRecordLimits {
  return given({
    attributeValueLengthLimit: first(
      'OTEL_LOGRECORD_ATTRIBUTE_VALUE_LENGTH_LIMIT',
      'OTEL_ATTRIBUTE_VALUE_LENGTH_LIMIT',
    ),
    attributeCountLimit: first('OTEL_LOGRECORD_ATTRIBUTE_COUNT_LIMIT', 'OTEL_ATTRIBUTE_COUNT_LIMIT'),
  });
}

/** What the variables of a batch processor set: `prefix` is BSP for spans and BLRP for log records. */
export function batchFromEnv(prefix: 'BSP' | 'BLRP'): {
  maxQueueSize?: number;
  maxExportBatchSize?: number;
  scheduledDelayMillis?: number;
  exportTimeoutMillis?: number;
} {
  // With batches of nothing the processor of OpenTelemetry never comes to the end of its queue.
  return given({
    maxQueueSize: wholeNumber(`OTEL_${prefix}_MAX_QUEUE_SIZE`, 1),
    maxExportBatchSize: wholeNumber(`OTEL_${prefix}_MAX_EXPORT_BATCH_SIZE`, 1),
    scheduledDelayMillis: first(`OTEL_${prefix}_SCHEDULE_DELAY`),
    exportTimeoutMillis: first(`OTEL_${prefix}_EXPORT_TIMEOUT`),
  });
}

function first(...names: string[]): number | undefined {
  for (const name of names) {
    const value = wholeNumber(name, 0);
    if (value !== undefined) return value;
  }
  return undefined;
}

function wholeNumber(name: string, least: number): number | undefined {
  const text = getStringFromEnv(name);
  if (text === undefined) return undefined;
  const value = Number(text);
  if (Number.isInteger(value) && value >= least) return value;
  warn(`${name}=${text} is not a whole number from ${least}; it is left out`);
  return undefined;
}

function given<Limits extends object>(limits: Limits): { [Key in keyof Limits]?: number } {
  const entries = Object.entries(limits).filter(([, value]) => value !== undefined);
  return Object.fromEntries(entries) as { [Key in keyof Limits]?: number };
}
