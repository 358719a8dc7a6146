import { type Context, SpanKind, context } from '@opentelemetry/api';
import type { Event } from '../event.ts';
import type { Metrics } from '../telemetry/metrics.ts';
import type { Telemetry } from '../telemetry/telemetry.ts';
import { withTraceContext } from '../telemetry/trace-in-event.ts';
import type { Channel } from './channel.ts';

/** As many events as may wait are waiting: this one is not taken. */
export class QueueFull extends Error {
  override readonly name = 'QueueFull';
}

export interface SenderOptions {
  telemetry: Telemetry;
  metrics: Metrics;
  channel: Channel;
  /** How many events may wait. */
  queueSize: number;
}

const firstRetryMs = 1000;
const longestRetryMs = 5000;

interface Waiting {
  event: Event;
  parent: Context;
  attempts: number;
}

/**
 * Sends events to the engine, each at once; one that cannot be sent is tried again after 1, 2, 4 and then every 5 s, or as
 * soon as there is a connection again or another one gets through. Each attempt is a span under the one that was active
 * when the event came.
 */
export class Sender {
  readonly #options: SenderOptions;
  readonly #waiting = new Set<Waiting>();
  /** Those that wait for their next attempt. */
  readonly #timers = new Map<Waiting, NodeJS.Timeout>();

  constructor(options: SenderOptions) {
    this.#options = options;
    options.channel.onConnected(() => this.#retryAll());
  }

  /** Throws `QueueFull`. */
  send(event: Event): void {
    const { metrics, queueSize } = this.#options;
    if (this.#waiting.size >= queueSize) {
      metrics.count('events_dropped');
      throw new QueueFull(`${queueSize} events wait to be sent`);
    }
    const waiting = { event, parent: context.active(), attempts: 0 };
    this.#waiting.add(waiting);
    this.#start(waiting);
  }

  /** Waits, at most this long, until everything is sent, and ends. */
  async close(patienceMs = 1500): Promise<void> {
    const deadline = Date.now() + patienceMs;
    while (this.#waiting.size > 0 && Date.now() < deadline)
      await new Promise((resolve) => setTimeout(resolve, 20));
    for (const timer of this.#timers.values()) clearTimeout(timer);
    const { telemetry, channel } = this.#options;
    if (this.#waiting.size > 0) telemetry.log('error', `${this.#waiting.size} events could not be sent`);
    await channel.close();
  }

  #start(waiting: Waiting): void {
    clearTimeout(this.#timers.get(waiting));
    this.#timers.delete(waiting);
    this.#attempt(waiting).then(
      () => {
        this.#waiting.delete(waiting);
        if (waiting.attempts > 0) this.#retryAll();
      },
      () => {
        const waitMs = Math.min(firstRetryMs * 2 ** waiting.attempts, longestRetryMs);
        waiting.attempts++;
        this.#timers.set(
          waiting,
          setTimeout(() => this.#start(waiting), waitMs),
        );
      },
    );
  }

  #retryAll(): void {
    for (const each of this.#timers.keys()) this.#start(each);
  }

  #attempt({ event, parent }: Waiting): Promise<void> {
    const { telemetry, metrics, channel } = this.#options;
    const { level, spanName, attributes, carriesContext } = channel;
    const kind = carriesContext ? SpanKind.PRODUCER : SpanKind.INTERNAL;
    return telemetry.span(level, spanName, { kind, attributes, parent }, async (span) => {
      if (span.isRecording()) span.setAttribute('trace_id', span.spanContext().traceId);
      telemetry.log('debug', `${channel.actor} - Publishing event to ${channel.broker}`);
      const sent = carriesContext ? withTraceContext(event) : event;
      const text = JSON.stringify(sent);
      try {
        await channel.send(text);
        metrics.count(`${channel.broker.toLowerCase()}_bytes_sent`, {}, Buffer.byteLength(text));
      } catch (error) {
        const { message } = error as Error;
        metrics.count(`${channel.broker.toLowerCase()}_send_failed`);
        telemetry.log('error', `${channel.actor} - Cannot publish event to ${channel.broker}: ${message}`);
        throw error;
      }
    });
  }
}
