import { setTimeout as delay } from 'node:timers/promises';
import { log } from './log.ts';
import { telemetry } from './telemetry.ts';

/** What has begun is waited for, but no longer than this. */
const patienceMs = 1500;

/** What is being done, and is to be finished before the process ends. */
export class UnderWay {
  readonly #all = new Set<Promise<unknown>>();

  add<T>(work: Promise<T>): Promise<T> {
    this.#all.add(work);
    const done = (): void => void this.#all.delete(work);
    work.then(done, done);
    return work;
  }

  async finished(): Promise<void> {
    await Promise.race([Promise.allSettled(this.#all), delay(patienceMs)]);
  }
}

/** On SIGTERM or SIGINT, or when whoever started this process is gone: `stop`, export what is waiting, and exit. */
export function onStop(stop: () => Promise<void>): void {
  const end = async (): Promise<void> => {
    await stop();
    await telemetry.shutdown(1000);
    log.info({ spans: telemetry.stats() }, 'stopped');
    process.exit();
  };
  for (const signal of ['SIGTERM', 'SIGINT', 'disconnect']) process.once(signal, () => void end());
}
