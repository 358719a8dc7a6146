import type { Cursor, Damage, Journal, Position } from '@throughline/journal';
import { InvalidData, Overloaded } from '@throughline/model';
import type { Signal } from '@throughline/wire';
import { backoffMs, defaultRetry } from './backoff.ts';
import type { Clock } from './clock.ts';
import type { Exporter, Log, Meter } from './component.ts';
import type { RetryOnFailure } from './config/sending.ts';
import { readRange, type JournalRange } from './journal-range.ts';

export interface DeliveryOptions {
  /** `traces`, `traces/eu`. */
  readonly pipeline: string;
  readonly signal: Signal;
  readonly exporterId: string;
  readonly exporter: Exporter;
  readonly journal: Pick<Journal, 'id' | 'directory' | 'end' | 'waitPast' | 'rangeFrom' | 'range'>;
  readonly cursor: Cursor;
  readonly clock: Clock;
  /** From 0 to 1. */
  readonly random: () => number;
  readonly log: Log;
  readonly metrics: DeliveryMetrics;
}

/**
 * Takes one exporter through one pipeline's journal, range by range and in order. A range is asked for again until the
 * exporter has delivered it or says that it never can be; which range is under way survives a restart.
 */
export class Delivery {
  readonly #it: DeliveryOptions;
  readonly #retry: RetryOnFailure;
  /** No more waiting: for data, for a range to fill, or between attempts. */
  readonly #hurry = new AbortController();
  /** No more delivering. */
  readonly #abort = new AbortController();
  #ended: Promise<void> = Promise.resolve();

  constructor(options: DeliveryOptions) {
    this.#it = options;
    this.#retry = options.exporter.delivery.retry ?? defaultRetry;
  }

  /** Bytes that wait in the journal. */
  get lagBytes(): number {
    return this.#it.journal.end - this.#it.cursor.position;
  }

  start(): void {
    const { cursor, log, pipeline } = this.#it;
    if (cursor.pending !== undefined)
      log.info('a delivery was under way when the program ended, doing it again', { pipeline });
    this.#ended = this.#run();
  }

  /** Delivers what is in the journal, for at most `graceMs` and without second attempts; the rest stays there. */
  async stop(graceMs: number): Promise<void> {
    this.#hurry.abort();
    const over = new AbortController();
    const ended = this.#ended.finally(() => over.abort());
    await this.#it.clock.sleep(graceMs, over.signal);
    this.#abort.abort();
    await Promise.race([ended, this.#it.clock.sleep(250, over.signal)]);
  }

  async #run(): Promise<void> {
    let failures = 0;
    for (let more = true; more;) {
      try {
        more = await this.#next();
        failures = 0;
      } catch (error) {
        if (this.#hurry.signal.aborted) return;
        this.#it.log.error('the journal cannot be read or its cursor not be written, trying again', {
          pipeline: this.#it.pipeline,
          error: messageOf(error),
        });
        await this.#pause(backoffMs(defaultRetry, ++failures, this.#it.random));
      }
    }
  }

  /** One range, from beginning to commit. False when there is nothing more to do before the end. */
  async #next(): Promise<boolean> {
    const { cursor, journal, clock } = this.#it;
    if (cursor.pending === undefined && !(await this.#filled())) return false;
    const from = cursor.position;
    const { to, items } =
      cursor.pending === undefined
        ? journal.rangeFrom(from, this.#it.exporter.delivery.maxBytes)
        : journal.range(from, cursor.pending);
    await cursor.begin(to, clock.now());
    if (items > 0 && !(await this.#delivered(this.#range(from, to, items)))) return false;
    await cursor.commit();
    return true;
  }

  /** Waits for data, and then for a range to be full or its time to be over. False when the end comes first. */
  async #filled(): Promise<boolean> {
    const { cursor, clock, exporter } = this.#it;
    const { maxBytes, maxDelayMs } = exporter.delivery;
    if (!(await this.#arrived(cursor.position, this.#hurry.signal))) return false;
    const late = new AbortController();
    const enough = AbortSignal.any([this.#hurry.signal, late.signal]);
    const full = this.#arrived(cursor.position + maxBytes - 1, enough);
    await Promise.race([full, clock.sleep(maxDelayMs, enough)]);
    late.abort();
    await full;
    return true;
  }

  /** Whether the journal goes beyond `position`, once it does or `enough` is aborted. */
  async #arrived(position: Position, enough: AbortSignal): Promise<boolean> {
    const { journal } = this.#it;
    if (journal.end > position) return true;
    try {
      await journal.waitPast(position, enough);
      return true;
    } catch (error) {
      if (enough.aborted) return false;
      throw error;
    }
  }

  #range(from: Position, to: Position, items: number): JournalRange {
    const { signal, journal, cursor } = this.#it;
    const { directory } = journal;
    return {
      signal,
      directory,
      from,
      to,
      items,
      token: `${journal.id}:${from}-${to}`,
      begunMs: cursor.begunMs,
      batches: () => readRange(directory, signal, from, to, { damaged: (damage) => this.#damaged(damage) }),
      abort: this.#abort.signal,
    };
  }

  /** True when the range is done with: delivered, or dropped and counted. False when the end comes first. */
  async #delivered(range: JournalRange): Promise<boolean> {
    const { exporter, clock, metrics } = this.#it;
    const begun = clock.now();
    for (let failures = 1; ; failures++) {
      if (this.#abort.signal.aborted) return false;
      try {
        await exporter.deliver(range);
        metrics.sent(range.signal, range.items);
        if (failures > 1)
          this.#it.log.info('delivery works again', { pipeline: this.#it.pipeline, failures: failures - 1 });
        return true;
      } catch (error) {
        if (error instanceof InvalidData) return this.#drop(range, 'invalid_data', error);
        if (this.#hurry.signal.aborted) return false;
        const elapsedMs = clock.now() - begun;
        if (!this.#retry.enabled) return this.#drop(range, 'no_retry', error);
        if (this.#retry.maxElapsedTime > 0 && elapsedMs >= this.#retry.maxElapsedTime)
          return this.#drop(range, 'gave_up', error);
        const waitMs = Math.max(
          backoffMs(this.#retry, failures, this.#it.random),
          error instanceof Overloaded ? error.retryAfterMs : 0,
        );
        this.#failed(range, error, failures, waitMs);
        await this.#pause(waitMs);
      }
    }
  }

  #failed(range: JournalRange, error: unknown, failures: number, waitMs: number): void {
    this.#it.metrics.failed();
    this.#it.log.warn('delivery failed, trying again', {
      pipeline: this.#it.pipeline,
      items: range.items,
      failures,
      retry_in_ms: Math.round(waitMs),
      error: messageOf(error),
    });
  }

  #drop(range: JournalRange, reason: string, error: unknown): true {
    this.#it.metrics.dropped(range.signal, range.items, reason);
    this.#it.log.error('dropped what could not be delivered', {
      pipeline: this.#it.pipeline,
      items: range.items,
      reason,
      error: messageOf(error),
    });
    return true;
  }

  #damaged({ from, to, items }: Damage): void {
    const { log, pipeline } = this.#it;
    log.error('the journal is damaged, left out what cannot be read', { pipeline, from, to, items });
  }

  #pause(ms: number): Promise<void> {
    return this.#it.clock.sleep(ms, this.#hurry.signal);
  }
}

export interface DeliveryMetrics {
  sent(signal: Signal, items: number): void;
  dropped(signal: Signal, items: number, reason: string): void;
  failed(): void;
}

/**
 * The Collector's exporter counters; drops say why, and attempts that will be repeated have a counter of their own. Those
 * of `signal` are there from the beginning.
 */
export function deliveryMetrics(
  meter: Meter,
  { pipeline, signal, exporter }: { pipeline: string; signal: Signal; exporter: string },
): DeliveryMetrics {
  const sent = {
    traces: meter.counter('otelcol_exporter_sent_spans', 'Spans delivered.'),
    logs: meter.counter('otelcol_exporter_sent_log_records', 'Log records delivered.'),
  };
  const dropped = {
    traces: meter.counter('otelcol_exporter_send_failed_spans', 'Spans dropped, by reason.'),
    logs: meter.counter('otelcol_exporter_send_failed_log_records', 'Log records dropped, by reason.'),
  };
  const failed = meter.counter(
    'throughline_exporter_failed_attempts',
    'Deliveries that failed and are tried again.',
  );
  sent[signal](0, { exporter });
  dropped[signal](0, { exporter });
  failed(0, { exporter, pipeline });
  return {
    sent: (signal, items) => sent[signal](items, { exporter }),
    dropped: (signal, items, reason) => dropped[signal](items, { exporter, reason }),
    failed: () => failed(1, { exporter, pipeline }),
  };
}

/** The messages of an error and of what caused it. */
function messageOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.cause === undefined ? error.message : `${error.message}: ${messageOf(error.cause)}`;
}
