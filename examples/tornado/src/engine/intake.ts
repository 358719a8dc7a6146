import { ROOT_CONTEXT, SpanKind } from '@opentelemetry/api';
import { type Event, parseEvent } from '../event.ts';
import { Pool } from '../pool.ts';
import type { Metrics } from '../telemetry/metrics.ts';
import type { SpanSettings, Telemetry } from '../telemetry/telemetry.ts';
import { traceContextOf } from '../telemetry/trace-in-event.ts';
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
    const startedAt = performance.now();
    const leave = await this.#pool.enter();
    const done = this.#process(text, subject, way, startedAt).catch(() => {});
    this.#underWay.add(done);
    void done.finally(() => {
      this.#underWay.delete(done);
      leave();
    });
  }

  /** The event is parsed before its span begins: a span cannot be given another parent later. */
  async #process(text: string, subject: string | undefined, way: Way, startedAt: number): Promise<void> {
    const { engine, telemetry, metrics, setMetadata } = this.#options;
    const { event, problem } = parse(text);
    const settings: SpanSettings = {
      parent: event ? traceContextOf(event) : ROOT_CONTEXT,
      attributes: way.attributes,
      startedAt,
    };
    const kind = way.kind ?? (event?.metadata['trace_context'] ? SpanKind.SERVER : SpanKind.INTERNAL);
    await telemetry.span('info', way.span, { ...settings, kind }, async (span) => {
      if (span.isRecording()) span.setAttribute('trace_id', span.spanContext().traceId);
      const receive = (): void => {
        if (problem === undefined) return;
        metrics.count('invalid_events_received_counter', { source: way.source });
        telemetry.log('error', `The event is not valid: ${problem.message}`);
        throw problem;
      };
      if (way.receive === undefined) receive();
      else telemetry.span('debug', way.receive, { startedAt }, receive);
      if (!event) return;
      telemetry.log('debug', `Received event of type [${event.type}]`);
      await engine.process(setMetadata(event, subject), way.source);
    });
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

function parse(text: string): { event?: Event; problem?: Error } {
  try {
    return { event: parseEvent(JSON.parse(text)) };
  } catch (error) {
    return { problem: error as Error };
  }
}
