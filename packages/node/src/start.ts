import { DiagConsoleLogger, DiagLogLevel, context, diag, propagation, trace } from '@opentelemetry/api';
import { logs } from '@opentelemetry/api-logs';
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks';
import { diagLogLevelFromString, getStringFromEnv } from '@opentelemetry/core';
import type { Resource } from '@opentelemetry/resources';
import { BatchLogRecordProcessor, LoggerProvider } from '@opentelemetry/sdk-logs';
import { type SpanProcessor, TracerProvider } from '@opentelemetry/sdk-trace';
import { ATTR_SERVICE_NAME, ATTR_SERVICE_VERSION } from '@opentelemetry/semantic-conventions';
import { OtlpSpanProcessor } from './export/otlp-span-processor.ts';
import { type SpanCounts, SpanTally } from './export/span-counts.ts';
import { spanProcessorsFromEnv } from './export/span-processors.ts';
import { ExportWatch, observed } from './export/watch.ts';
import { flagRandomIds } from './propagation/random-flag.ts';
import { instrument } from './instrumentations/instrument.ts';
import { configInForce } from './setup/config-in-force.ts';
import type { Config } from './setup/config.ts';
import { FineTimes } from './logs/fine-times.ts';
import { flushOnExit } from './setup/exit.ts';
import { logExportersFromEnv } from './setup/exporters.ts';
import { batchFromEnv, logLimitsFromEnv, spanLimitsFromEnv } from './setup/limits.ts';
import { serveNewerApi } from './setup/newer-api.ts';
import { type StartOptions, networkPhasesFromEnv } from './setup/settings.ts';
import { warn } from './setup/warn.ts';
import { SpanHooks } from './span-hooks.ts';

/** The tracing of this process. */
export interface Telemetry {
  /** What became of the spans so far; of those that were not sampled nothing is counted. */
  stats(): SpanCounts;
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
 * Starts tracing in this process as the standard OTEL_* variables, or the file that OTEL_CONFIG_FILE names, and `options`
 * say. Called a second time it changes nothing and says so. With OTEL_SDK_DISABLED=true it does nothing.
 */
export function start(options: StartOptions = {}): Telemetry {
  if (running) {
    warn('start() was called before; what this call asks for is not done');
    return running;
  }
  const config = configInForce();
  running = config.disabled ? disabled : config.within(() => run(options, config));
  return running;
}

/** Exports what is waiting and ends the tracing that `start` began, if it did. */
export async function shutdown(timeoutMs?: number): Promise<void> {
  await running?.shutdown(timeoutMs);
}

const disabled: Telemetry = {
  stats: () => new SpanTally().read(),
  flush: async () => {},
  shutdown: async () => {},
};

function run(options: StartOptions, config: Config): Telemetry {
  logAsAsked();
  const resource = config.describe({
    ...options.resource,
    ...(options.serviceName && { [ATTR_SERVICE_NAME]: options.serviceName }),
    ...(options.serviceVersion && { [ATTR_SERVICE_VERSION]: options.serviceVersion }),
  });
  if (!context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable()))
    warn('another OpenTelemetry SDK was started in this process before; start one of them only');
  propagation.setGlobalPropagator(config.propagator());
  const tally = new SpanTally();
  const watch = new ExportWatch();
  const processors =
    options.spanProcessors ??
    config.processors('TRACES', (index) =>
      spanProcessorsFromEnv(index === 0 ? tally : new SpanTally(), watch),
    );
  const signals = [
    config.traces ? [traces(resource, options, config, tally, processors)] : [],
    logRecords(resource, config, watch),
  ];
  serveNewerApi();
  instrument(options.networkPhases ?? networkPhasesFromEnv(), options.instrumentations);

  const own = processors.filter((each) => each instanceof OtlpSpanProcessor);
  const late = (): void => own.forEach((each) => each.stopWaiting());
  const flush = (timeoutMs = 5000): Promise<void> =>
    within(timeoutMs, signals, (each) => each.forceFlush(), late);
  // What is still waiting is counted, and kept where there is a place for it.
  const last = (): void => own.forEach((each) => each.close());
  const exit = (): void => own.forEach((each) => each.sendAtExit());
  const stop =
    options.flushOnExit === false ? () => {} : flushOnExit({ flush, exit, last, work: () => tally.ended });
  return {
    stats: () => tally.read(),
    flush,
    shutdown: async (timeoutMs = 5000) => {
      stop();
      await within(timeoutMs, signals, (each) => each.shutdown(), late);
      last();
    },
  };
}

/** What OpenTelemetry says of itself goes to the console, from the level that OTEL_LOG_LEVEL names. */
function logAsAsked(): void {
  const text = getStringFromEnv('OTEL_LOG_LEVEL');
  if (text === undefined) return;
  if (text.toUpperCase() in DiagLogLevel)
    diag.setLogger(new DiagConsoleLogger(), { logLevel: diagLogLevelFromString(text)! });
  else warn(`OTEL_LOG_LEVEL=${text} is not known and left out`);
}

function traces(
  resource: Resource,
  options: StartOptions,
  config: Config,
  tally: SpanTally,
  spanProcessors: SpanProcessor[],
): Signal {
  const provider = new TracerProvider({
    resource,
    sampler: options.sampler ?? config.sampler(String(resource.attributes[ATTR_SERVICE_NAME])),
    ...(options.idGenerator && { idGenerator: options.idGenerator }),
    spanLimits: spanLimitsFromEnv(),
    spanProcessors: [new SpanHooks(tally), ...spanProcessors],
  });
  flagRandomIds(provider, options.idGenerator === undefined);
  trace.setGlobalTracerProvider(provider);
  return provider;
}

function logRecords(resource: Resource, config: Config, watch: ExportWatch): Signal[] {
  const batches = config.processors('LOGS', () =>
    logExportersFromEnv().map((each) => {
      const exporter = observed(each, (items, result) => watch.saw('log records', items, result));
      return { exporter, processor: new BatchLogRecordProcessor({ ...batchFromEnv('BLRP'), exporter }) };
    }),
  );
  const provider = new LoggerProvider({
    resource,
    logRecordLimits: logLimitsFromEnv(),
    processors: batches.length > 0 ? [new FineTimes(), ...batches.map(({ processor }) => processor)] : [],
  });
  logs.setGlobalLoggerProvider(provider);
  return [provider, ...batches.map(({ exporter }) => exporter)];
}

/** Of each list a provider first, then its exporters: only they know what is still on its way. */
async function within(
  timeoutMs: number,
  signals: readonly Signal[][],
  act: (signal: Signal) => Promise<void>,
  late: () => void,
): Promise<void> {
  const inOrder = async (list: readonly Signal[]): Promise<void> => {
    // A failed export has been told already, by the watch.
    for (const signal of list) await act(signal).catch(() => {});
  };
  let timer: NodeJS.Timeout | undefined;
  const timeout = new Promise<void>((resolve) => {
    timer = setTimeout(() => {
      late();
      resolve();
    }, timeoutMs);
  });
  await Promise.race([Promise.all(signals.map(inOrder)), timeout]);
  clearTimeout(timer);
}
