import { DiagConsoleLogger, context, diag, propagation, trace } from '@opentelemetry/api';
import { logs } from '@opentelemetry/api-logs';
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks';
import {
  type ExportResult,
  ExportResultCode,
  diagLogLevelFromString,
  getBooleanFromEnv,
  getStringFromEnv,
} from '@opentelemetry/core';
import type { Resource } from '@opentelemetry/resources';
import { BatchLogRecordProcessor, LoggerProvider } from '@opentelemetry/sdk-logs';
import { BatchSpanProcessor, TracerProvider } from '@opentelemetry/sdk-trace';
import { ATTR_SERVICE_NAME, ATTR_SERVICE_VERSION } from '@opentelemetry/semantic-conventions';
import { type SpanCounts, noSpans } from './export/span-counts.ts';
import { ExportWatch, observed } from './export/watch.ts';
import { flagRandomIds } from './propagation/random-flag.ts';
import { instrument } from './instrumentations/instrument.ts';
import { flushOnExit } from './setup/exit.ts';
import { logExportersFromEnv, spanExportersFromEnv } from './setup/exporters.ts';
import { batchFromEnv, logLimitsFromEnv, spanLimitsFromEnv } from './setup/limits.ts';
import { propagatorFromEnv } from './setup/propagator.ts';
import { describeProcess } from './setup/resource.ts';
import { samplerFromEnv } from './setup/sampler.ts';
import { type StartOptions, networkPhasesFromEnv } from './setup/settings.ts';
import { warn } from './setup/warn.ts';
import { SpanHooks } from './span-hooks.ts';

/** The tracing of this process. */
export interface Telemetry {
  /** What became of the spans so far; of those that were not sampled nothing is counted. */
  stats(): Readonly<SpanCounts>;
  /** Resolves when all that has ended so far is exported, or cannot be, after at most `timeoutMs` (default 5000). */
  flush(timeoutMs?: number): Promise<void>;
  /** Flushes and ends tracing; spans made afterwards are lost. */
  shutdown(timeoutMs?: number): Promise<void>;
}

interface Signal {
  forceFlush(): Promise<void>;
  shutdown(): Promise<void>;
}

/** OpenTelemetry's API keeps one tracing per process; so must this. */
let running: Telemetry | undefined;

/**
 * Starts tracing in this process as the standard OTEL_* variables and `options` say. Called a second time it
 * changes nothing and says so. With OTEL_SDK_DISABLED=true it does nothing.
 */
export function start(options: StartOptions = {}): Telemetry {
  if (running) {
    warn('start() was called before; what this call asks for is not done');
    return running;
  }
  running = getBooleanFromEnv('OTEL_SDK_DISABLED') ? disabled : run(options);
  return running;
}

/** Exports what is waiting and ends the tracing that `start` began, if it did. */
export async function shutdown(timeoutMs?: number): Promise<void> {
  await running?.shutdown(timeoutMs);
}

const disabled: Telemetry = { stats: noSpans, flush: async () => {}, shutdown: async () => {} };

function run(options: StartOptions): Telemetry {
  const logLevel = diagLogLevelFromString(getStringFromEnv('OTEL_LOG_LEVEL'));
  if (logLevel !== undefined) diag.setLogger(new DiagConsoleLogger(), { logLevel });
  const resource = describeProcess({
    ...options.resource,
    ...(options.serviceName && { [ATTR_SERVICE_NAME]: options.serviceName }),
    ...(options.serviceVersion && { [ATTR_SERVICE_VERSION]: options.serviceVersion }),
  });
  context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
  propagation.setGlobalPropagator(propagatorFromEnv());
  const counts = noSpans();
  const watch = new ExportWatch();
  const signals = [...traces(resource, options, counts, watch), ...logRecords(resource, watch)];
  instrument(options.networkPhases ?? networkPhasesFromEnv(), options.instrumentations);

  const flush = (timeoutMs = 5000): Promise<void> => within(timeoutMs, signals, (each) => each.forceFlush());
  const stop = options.flushOnExit === false ? () => {} : flushOnExit(flush);
  return {
    stats: () => ({ ...counts }),
    flush,
    shutdown: async (timeoutMs = 5000) => {
      stop();
      await within(timeoutMs, signals, (each) => each.shutdown());
    },
  };
}

function traces(resource: Resource, options: StartOptions, counts: SpanCounts, watch: ExportWatch): Signal[] {
  const count = (items: number, result: ExportResult): void => {
    counts[result.code === ExportResultCode.SUCCESS ? 'exported' : 'failed'] += items;
    watch.saw('spans', items, result);
  };
  const exporters = options.spanProcessors ? [] : spanExportersFromEnv().map((each) => observed(each, count));
  const batches = exporters.map((exporter) => new BatchSpanProcessor({ ...batchFromEnv('BSP'), exporter }));
  const provider = new TracerProvider({
    resource,
    sampler: options.sampler ?? samplerFromEnv(String(resource.attributes[ATTR_SERVICE_NAME])),
    ...(options.idGenerator && { idGenerator: options.idGenerator }),
    spanLimits: spanLimitsFromEnv(),
    spanProcessors: [new SpanHooks(counts), ...(options.spanProcessors ?? batches)],
  });
  flagRandomIds(provider, options.idGenerator === undefined);
  trace.setGlobalTracerProvider(provider);
  return [provider, ...exporters];
}

function logRecords(resource: Resource, watch: ExportWatch): Signal[] {
  const exporters = logExportersFromEnv().map((each) =>
    observed(each, (items, result) => watch.saw('log records', items, result)),
  );
  const provider = new LoggerProvider({
    resource,
    logRecordLimits: logLimitsFromEnv(),
    processors: exporters.map(
      (exporter) => new BatchLogRecordProcessor({ ...batchFromEnv('BLRP'), exporter }),
    ),
  });
  logs.setGlobalLoggerProvider(provider);
  return [provider, ...exporters];
}

/** A provider first, then its exporters: only they know what is still on its way. */
async function within(
  timeoutMs: number,
  signals: readonly Signal[],
  act: (signal: Signal) => Promise<void>,
): Promise<void> {
  const all = async (): Promise<void> => {
    // A failed export has been told already, by the watch.
    for (const signal of signals) await act(signal).catch(() => {});
  };
  let timer: NodeJS.Timeout | undefined;
  const timeout = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, timeoutMs);
  });
  await Promise.race([all(), timeout]);
  clearTimeout(timer);
}
