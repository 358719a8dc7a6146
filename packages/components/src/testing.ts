export { compress } from './net/compression.ts';
import type { Component, Consumer, Env, ReceiverDefinition, Sample } from '@throughline/pipeline';
import type { Batch, Signal } from '@throughline/wire';

/** One line that a component logged. */
export interface Logged {
  readonly level: 'debug' | 'info' | 'warn' | 'error';
  readonly event: string;
  readonly fields: Record<string, unknown>;
}

/** A world for one component, which remembers what it was told. */
export interface TestEnv extends Env {
  readonly logged: Logged[];
  /** Where it listens, by what: `{ 'OTLP/HTTP': 'http://127.0.0.1:40001' }`. */
  readonly urls: Record<string, string>;
  /** The sum of a counter over all its label values that contain `labels`. */
  readonly count: (name: string, labels?: Record<string, string>) => number;
  /** The sum of a gauge's samples now. */
  readonly read: (name: string) => number;
}

export function testEnv(id: string, now: () => number = Date.now): TestEnv {
  const logged: Logged[] = [];
  const urls: Record<string, string> = {};
  const counts: { name: string; value: number; labels: Record<string, string> }[] = [];
  const gauges = new Map<string, () => readonly Sample[]>();
  const log =
    (level: Logged['level']) =>
    (event: string, fields: Record<string, unknown> = {}) =>
      void logged.push({ level, event, fields });
  return {
    id,
    logged,
    urls,
    now,
    log: { debug: log('debug'), info: log('info'), warn: log('warn'), error: log('error') },
    meter: {
      counter: (name) => (value, labels) => void counts.push({ name, value, labels: labels ?? {} }),
      gauge: (name, _help, read) => void gauges.set(name, read),
    },
    count: (name, labels = {}) =>
      counts
        .filter((each) => each.name === name)
        .filter((each) => Object.entries(labels).every(([key, value]) => each.labels[key] === value))
        .reduce((sum, { value }) => sum + value, 0),
    read: (name) => (gauges.get(name)?.() ?? []).reduce((sum, { value }) => sum + value, 0),
    directory: '/nowhere',
    version: '0.0.0-test',
    listening: ({ what, url }) => void (urls[what] = url),
  };
}

/** A consumer that keeps what it gets; `before` runs first, and may wait or throw. */
export class Sink implements Consumer {
  readonly batches: Batch[] = [];
  before: (batch: Batch) => void | Promise<void> = () => {};

  async consume(batch: Batch): Promise<void> {
    await this.before(batch);
    this.batches.push({ ...batch, bytes: Uint8Array.from(batch.bytes) });
  }

  get items(): number {
    return this.batches.reduce((sum, { items }) => sum + items, 0);
  }
}

export interface RunningReceiver {
  readonly receiver: Component;
  readonly env: TestEnv;
  readonly traces: Sink;
  readonly logs: Sink;
  /** Where it listens, by what. */
  readonly urls: Record<string, string>;
  stop(): Promise<void>;
}

/** Starts a receiver with `written`, a configuration in the schema's spelling, and a sink for each of `signals`. */
export async function startReceiver<C>(
  definition: ReceiverDefinition<C>,
  written: unknown,
  signals: readonly Signal[] = definition.signals,
): Promise<RunningReceiver> {
  const env = testEnv(definition.type);
  const sinks = { traces: new Sink(), logs: new Sink() };
  const next = Object.fromEntries(signals.map((signal) => [signal, sinks[signal]]));
  const receiver = definition.create(definition.config.parse(written), next, env);
  await receiver.start();
  return { receiver, env, ...sinks, urls: env.urls, stop: () => receiver.stop() };
}

/** Waits until `condition` holds, for at most `maxMs`; `what` completes the sentence "still not:". */
export async function until(what: string, condition: () => boolean, maxMs = 5000): Promise<void> {
  const end = performance.now() + maxMs;
  while (!condition()) {
    if (performance.now() > end) throw new Error(`still not: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}
