import { afterAll, afterEach, beforeAll, beforeEach } from 'vitest';
import { type Broker, startNats } from 'throughline-brokers';
import { orMissing } from 'throughline-brokers/testing';
import { buildOnce } from './build.ts';
import { otlpSink } from './otlp-sink.ts';
import { type SeenSpan, traceOnce } from './telemetry-receiver.ts';
import { type Collector, Tornado, type TornadoOptions } from './tornado.ts';

type Sink = Awaited<ReturnType<typeof otlpSink>>;
type Options = Partial<TornadoOptions>;

/** A NATS server, and a receiver of telemetry, for the tests of a file; systems that a test starts end with it. */
export class TornadoTests {
  #broker: Broker | undefined;
  #sink: Sink | undefined;
  readonly #started: Tornado[] = [];

  /** Registers the hooks. Where there is no NATS server to be had the tests skip themselves; in CI they fail. */
  constructor() {
    let missing = '';
    beforeAll(async () => {
      await buildOnce();
      this.#sink = await otlpSink();
      ({ broker: this.#broker, missing } = await orMissing(startNats));
    });
    beforeEach(({ skip }) => {
      if (missing) skip(missing);
    });
    afterEach(async () => {
      for (const each of this.#started.splice(0)) await each.stop();
    });
    afterAll(async () => {
      await this.#broker?.stop();
      await this.#sink?.close();
    });
  }

  get sink(): Sink {
    if (!this.#sink) throw new Error('there is no receiver yet');
    return this.#sink;
  }

  get nats(): string {
    if (!this.#broker) throw new Error('there is no broker');
    return this.#broker.url;
  }

  /** A system for one test. */
  async start(options: Options = {}, collectors?: readonly Collector[]): Promise<Tornado> {
    const tornado = await this.open(options, collectors);
    this.#started.push(tornado);
    return tornado;
  }

  /** A system for several tests, which the caller stops; nothing where there is no broker. */
  async shared(options: Options = {}): Promise<Tornado | undefined> {
    if (!this.#broker) return undefined;
    return (await this.open(options)).connected();
  }

  /** The spans of a trace once `count` of this name are there, and who caused them, who may be of another process. */
  async traced(traceId: string, count = 1, name = 'Process event'): Promise<SeenSpan[]> {
    const { spans } = await traceOnce(this.sink, traceId, (all) => {
      const ids = new Set(['', ...all.spans.map(({ spanId }) => spanId)]);
      const wanted = all.spans.filter((span) => span.name === name);
      return wanted.length === count && wanted.every(({ parentSpanId = '' }) => ids.has(parentSpanId));
    });
    return spans;
  }

  private open(options: Options, collectors?: readonly Collector[]): Promise<Tornado> {
    return Tornado.start({ nats: this.nats, environment: this.sink.environment, ...options }, collectors);
  }
}

/** The spans below the one of that name, and it. */
export function below(spans: readonly SeenSpan[], name: string): SeenSpan[] {
  const top = spans.find((span) => span.name === name);
  if (!top) return [];
  const found = [top];
  for (const each of found) found.push(...spans.filter((span) => span.parentSpanId === each.spanId));
  return spans.filter((span) => found.includes(span));
}
