import { ROOT_CONTEXT, SpanKind } from '@opentelemetry/api';
import { type Event, parseEvent } from '../event.ts';
import { Pool } from '../pool.ts';
import type { Metrics } from '../telemetry/metrics.ts';
import type { Telemetry } from '../telemetry/telemetry.ts';
import { traceContextIn } from '../telemetry/trace-in-event.ts';
import type { Engine } from './engine.ts';
import type { SetMetadata } from './subject-extractors.ts';

export interface IntakeOptions {
  engine: Engine;
  telemetry: Telemetry;
  metrics: Metrics;
  setMetadata: SetMetadata;
  /** How many events are processed at a time. */
  atOnce: number;
}

/** Where events come in as texts of JSON; each goes on in the trace that it was sent in. */
export class Intake {
  readonly #options: IntakeOptions;
  readonly #pool: Pool;
  readonly #underWay = new Set<Promise<void>>();

  constructor(options: IntakeOptions) {
    this.#options = options;
    this.#pool = new Pool(options.atOnce);
  }

  /** Of NATS. Resolves when the next event may come; this one is then under way. */
  async fromNats(text: string, subject: string): Promise<void> {
    await this.#take(text, subject, {
      span: 'Process event',
      kind: SpanKind.SERVER,
      receive: 'Receive NATS event',
      source: 'nats',
      attributes: {
        'messaging.system': 'nats',
        'messaging.operation.name': 'process',
        'messaging.operation.type': 'process',
        'messaging.destination.name': subject,
      },
    });
  }

  /** Of a TCP connection, which knows no subject. */
  async fromTcp(line: string): Promise<void> {
    await this.#take(line, undefined, { span: 'From tcp', source: 'tcp', attributes: {} });
  }

  /** Waits until what is under way is done. */
  async close(patienceMs: number): Promise<void> {
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise((resolve) => (timer = setTimeout(resolve, patienceMs)));
    await Promise.race([Promise.all(this.#underWay), late]);
    clearTimeout(timer);
  }

  async #take(text: string, subject: string | undefined, way: Way): Promise<void> {
    const leave = await this.#pool.enter();
    const done = this.#process(text, subject, way).catch(() => {});
    this.#underWay.add(done);
    void done.finally(() => {
      this.#underWay.delete(done);
      leave();
    });
  }

  /** The context is read before the span begins: a span cannot be given another parent later. */
  async #process(text: string, subject: string | undefined, way: Way): Promise<void> {
    const { engine, telemetry } = this.#options;
    const received = asJson(text);
    const parent = traceContextIn(received.value);
    const kind = way.kind ?? (parent === ROOT_CONTEXT ? SpanKind.INTERNAL : SpanKind.SERVER);
    const { attributes } = way;
    await telemetry.span('info', way.span, { parent, kind, attributes }, async (span) => {
      if (span.isRecording()) span.setAttribute('trace_id', span.spanContext().traceId);
      const receive = (): Event => this.#receive(received, subject, way.source);
      const event = way.receive === undefined ? receive() : telemetry.span('debug', way.receive, {}, receive);
      telemetry.log('debug', `Received event of type [${event.type}]`);
      await engine.process(event, way.source);
    });
  }

  #receive({ value, problem }: Json, subject: string | undefined, source: string): Event {
    const { telemetry, metrics, setMetadata } = this.#options;
    try {
      if (problem) throw problem;
      return setMetadata(parseEvent(value), subject);
    } catch (error) {
      metrics.count('invalid_events_received_counter', { source });
      telemetry.log('error', `The event is not valid: ${(error as Error).message}`);
      throw error;
    }
  }
}

interface Way {
  span: string;
  /** Default: SERVER for an event that is part of a trace. */
  kind?: SpanKind;
  /** The name of the span of parsing. */
  receive?: string;
  source: string;
  attributes: Record<string, string>;
}

interface Json {
  value?: unknown;
  problem?: Error;
}

function asJson(text: string): Json {
  try {
    return { value: JSON.parse(text) };
  } catch (error) {
    return { problem: error as Error };
  }
}
