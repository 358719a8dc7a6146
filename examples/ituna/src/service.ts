import { setTimeout as delay } from 'node:timers/promises';
import { Log } from './log.ts';
import { Bus } from './bus.ts';
import { settings } from './settings.ts';
import { noTracing, type Tracing } from './tracing/tracing.ts';

export interface Service {
  readonly log: Log;
  readonly bus: Bus;
  readonly tracing: Tracing;
  /** Aborts when the service shall end. */
  readonly stopping: AbortSignal;
}

/** Runs `work` as the process `name` until SIGTERM or SIGINT: what it has begun is finished, then what waits is sent. */
export async function runService(name: string, work: (service: Service) => Promise<void>): Promise<void> {
  const stopping = new AbortController();
  for (const event of ['SIGTERM', 'SIGINT', 'disconnect'] as const)
    process.once(event, () => stopping.abort());
  const log = new Log(name);
  const tracing = settings.tracing ? (await import('./tracing/spans.ts')).spans(name, log) : noTracing;
  const bus = new Bus(name);
  await Promise.race([work({ log, bus, tracing, stopping: stopping.signal }), patience(stopping.signal)]);
  await bus.close();
  await tracing.stop();
  process.exit();
}

/** Work that is under way when the service shall end has this long. */
const patienceMs = 500;

async function patience(stopping: AbortSignal): Promise<void> {
  await new Promise((resolve) => stopping.addEventListener('abort', resolve));
  await delay(patienceMs);
}
