import { type InstrumentationConfigs, shutdown, start } from '@throughline/node';
import type { Config } from './config.ts';
import { chain } from './errors.ts';
import { type Log, logOf } from './log.ts';

/** A service that listens. */
export interface Running {
  /** Lets what has begun come to its end. */
  close(): Promise<void>;
}

export interface Service<Settings extends Config> {
  name: string;
  readConfig: () => Settings;
  instrumentations: InstrumentationConfigs;
  /** Called when tracing has begun, and so the place to import what is to be traced. */
  serve: (config: Settings, log: Log) => Promise<Running>;
}

/** Whoever ends a service waits three seconds for it. */
const flushMs = 2000;

/** From the configuration to the last span: until SIGTERM, SIGINT, or the end of who started this. */
export async function runService<Settings extends Config>(service: Service<Settings>): Promise<void> {
  const target = service.name.replaceAll('-', '_');
  let log: Log | undefined;
  try {
    log = logOf(target);
    const config = service.readConfig();
    startTracing(service, config.telemetry.tracing);
    log.info({ config }, 'starting');
    const running = await service.serve(config, log);
    const stop = async (): Promise<void> => {
      await running.close();
      await shutdown(flushMs);
      process.exit();
    };
    for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => void stop());
    process.once('disconnect', () => void stop());
    process.once('uncaughtException', (error) => {
      log?.error({ error: chain(error), stack: error.stack }, 'process panicked');
      void shutdown(flushMs).finally(() => process.exit(1));
    });
  } catch (error) {
    const line = { timestamp: new Date().toISOString(), level: 'ERROR', target };
    if (log) log.error({ error: chain(error) }, 'process exited with ERROR');
    else console.log(JSON.stringify({ ...line, message: 'process exited with ERROR', error: chain(error) }));
    await shutdown(flushMs);
    process.exit(1);
  }
}

function startTracing<Settings extends Config>(
  { name, instrumentations }: Service<Settings>,
  tracing: Config['telemetry']['tracing'],
): void {
  if (!tracing.enabled) return;
  if (tracing.otlp_exporter_endpoint)
    process.env['OTEL_EXPORTER_OTLP_ENDPOINT'] = tracing.otlp_exporter_endpoint;
  start({ serviceName: tracing.service_name ?? name, instrumentations, flushOnExit: false });
}
