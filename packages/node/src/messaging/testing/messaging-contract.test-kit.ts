import {
  type Context,
  ROOT_CONTEXT,
  SpanKind,
  TraceFlags,
  context,
  propagation,
  trace,
} from '@opentelemetry/api';
import type { ReadableSpan } from '@opentelemetry/sdk-trace';
import { type TestContext, afterAll, afterEach, beforeAll, expect, test, vi } from 'vitest';
import type { Collected } from '../../testing/collected.ts';

/** A messaging system as one client library shows it, traced and not. */
export interface Bus {
  /** A new destination that nobody else uses. */
  destination(): string | Promise<string>;
  /** Resolves when the message is sent, by a traced client. */
  send(destination: string, message: string): Promise<void>;
  /** Sends as a program does that knows nothing of tracing, with `traceparent` in the place of a context if given. */
  sendPlainly(destination: string, message: string, traceparent?: string): Promise<void>;
  /** Resolves when a traced client receives; what the handler throws is what the library makes of it. */
  receive(destination: string, handler: (message: string) => unknown): Promise<void>;
  /** As a program does that knows nothing of tracing. */
  receivePlainly(destination: string, handler: (message: string) => void): Promise<void>;
  /** Resolves with the error that a handler's promise was rejected with, where this library has it end up. */
  handlerError(): Promise<unknown>;
  close(): Promise<void>;
}

const message = '{"order":7,"text":"Käse & Wein","price":1.50}';

type Case = (bus: Bus, collected: Collected) => Promise<void>;

const cases = {
  'the span that handles a message is a child of the one that sent it': async (bus, collected) => {
    const to = await bus.destination();
    const handled = received(bus, to, () => trace.getActiveSpan()?.spanContext());
    await handled.ready;
    await trace.getTracer('test').startActiveSpan('order', async (span) => {
      await bus.send(to, message);
      span.end();
    });
    const [active] = await handled.take(1);
    const [order, send, process] = byKind(await collected.take(3));
    expect([send.kind, process.kind]).toEqual([SpanKind.PRODUCER, SpanKind.CONSUMER]);
    expect(process.name).toBe(`process ${to}`);
    expect(send.parentSpanContext?.spanId).toBe(order.spanContext().spanId);
    expect(process.parentSpanContext?.spanId).toBe(send.spanContext().spanId);
    expect(process.parentSpanContext?.isRemote).toBe(true);
    expect(active?.spanId).toBe(process.spanContext().spanId);
    for (const span of [send, process])
      expect(span.attributes).toMatchObject({
        'messaging.system': expect.any(String),
        'messaging.destination.name': to,
        'messaging.message.body.size': Buffer.byteLength(message),
      });
  },

  'the span that handles a message is linked to the one that sent it, where that is chosen': async (
    bus,
    collected,
  ) => {
    vi.stubEnv('THROUGHLINE_MESSAGING_CONSUMERS', 'link');
    const to = await bus.destination();
    const handled = received(bus, to, () => {});
    await handled.ready;
    await bus.send(to, message);
    await handled.take(1);
    const [send, process] = byKind(await collected.take(2));
    expect(process.parentSpanContext).toBeUndefined();
    expect(process.links.map((link) => link.context.spanId)).toEqual([send.spanContext().spanId]);
  },

  'a message without a context starts a new trace': async (bus, collected) => {
    const to = await bus.destination();
    const handled = received(bus, to, (text) => text);
    await handled.ready;
    await trace.getTracer('test').startActiveSpan('other', async (span) => {
      await bus.sendPlainly(to, message);
      span.end();
    });
    expect(await handled.take(1)).toEqual([message]);
    const spans = await collected.take(2);
    expect(spans.map((span) => span.parentSpanContext)).toEqual([undefined, undefined]);
    expect(new Set(spans.map((span) => span.spanContext().traceId)).size).toBe(2);
  },

  'a message with a broken context starts a new trace, which is said once': async (bus, collected) => {
    const said: string[] = [];
    const write = vi.spyOn(process.stderr, 'write').mockImplementation((text) => said.push(String(text)) > 0);
    const to = await bus.destination();
    const handled = received(bus, to, (text) => text);
    await handled.ready;
    await bus.sendPlainly(to, message, '00-broken');
    await bus.sendPlainly(to, message, '00-broken');
    expect(await handled.take(2)).toEqual([message, message]);
    for (const span of await collected.take(2)) expect(span.parentSpanContext).toBeUndefined();
    write.mockRestore();
    expect(said.filter((text) => text.includes('a context that cannot be read'))).toHaveLength(1);
  },

  "a handler's error marks its span and goes where it would have gone": async (bus, collected) => {
    const to = await bus.destination();
    const error = new RangeError('not in stock');
    const handled = received(bus, to, async () => {
      await Promise.resolve();
      throw error;
    });
    await handled.ready;
    const reached = bus.handlerError();
    await bus.send(to, message);
    expect(String(await reached)).toContain('not in stock');
    const spans = await collected.take(2);
    const failed = spans.find((span) => span.kind === SpanKind.CONSUMER);
    expect(failed?.status).toEqual({ code: 2, message: 'not in stock' });
    expect(failed?.attributes['error.type']).toBe('RangeError');
    expect(failed?.events.map((event) => event.name)).toEqual(['exception']);
  },

  'messages under way at once keep their contexts apart': async (bus, collected) => {
    const to = await bus.destination();
    const handled = received(bus, to, async (text) => {
      const before = trace.getActiveSpan()?.spanContext().traceId;
      await new Promise((resolve) => setImmediate(resolve));
      return [(JSON.parse(text) as { trace: string }).trace, before, activeTrace()];
    });
    await handled.ready;
    const senders = Array.from({ length: 20 }, (_, index) =>
      context.with(remote(index), async () => {
        await Promise.resolve();
        await bus.send(to, JSON.stringify({ trace: activeTrace() }));
      }),
    );
    await Promise.all(senders);
    const seen = await handled.take(20);
    expect(new Set(seen.map(([sent]) => sent)).size).toBe(20);
    for (const [sent, before, after] of seen) expect([before, after]).toEqual([sent, sent]);
    await collected.take(40);
  },

  'a message arrives as it was sent': async (bus, collected) => {
    const to = await bus.destination();
    const handled = received(bus, to, (text) => text);
    await handled.ready;
    const texts = [message, '{}', ' { "a" : 1e2 } ', `{"big":"${'x'.repeat(100_000)}"}`];
    for (const text of texts) await bus.send(to, text);
    expect((await handled.take(4)).toSorted()).toEqual(texts.toSorted());
    await collected.take(8);
  },

  'a sender that is not sampled makes handlers that are not': async (bus, collected) => {
    const to = await bus.destination();
    const handled = received(bus, to, () => trace.getActiveSpan()?.spanContext());
    await handled.ready;
    await context.with(remote(1, TraceFlags.NONE), () => bus.send(to, message));
    const [active] = await handled.take(1);
    expect(active).toMatchObject({ traceId: traceId(1), traceFlags: TraceFlags.NONE });
    await bus.sendPlainly(to, message);
    await handled.take(1);
    expect(await collected.take(1)).toHaveLength(1);
  },

  'baggage goes along only when it is asked for': async (bus, collected) => {
    const to = await bus.destination();
    const handled = received(bus, to, () => propagation.getActiveBaggage()?.getEntry('user')?.value);
    await handled.ready;
    const withUser = propagation.setBaggage(
      ROOT_CONTEXT,
      propagation.createBaggage({ user: { value: 'ann' } }),
    );
    await context.with(withUser, () => bus.send(to, message));
    expect(await handled.take(1)).toEqual([undefined]);
    vi.stubEnv('THROUGHLINE_MESSAGING_BAGGAGE', 'on');
    await context.with(withUser, () => bus.send(to, message));
    expect(await handled.take(1)).toEqual(['ann']);
    await collected.take(4);
  },

  'who knows nothing of contexts reads what was sent': async (bus, collected) => {
    const to = await bus.destination();
    const handled = received({ receive: bus.receivePlainly.bind(bus) }, to, (text) => JSON.parse(text));
    await handled.ready;
    await bus.send(to, message);
    expect(await handled.take(1)).toEqual([expect.objectContaining(JSON.parse(message))]);
    await collected.take(1);
  },
} satisfies Record<string, Case>;

/** Sentences that cannot be kept, with the reason. */
export type Excuses = Partial<Record<keyof typeof cases, string>>;

/** Runs every sentence that is not excused; `open` may skip the tests where the broker cannot be had. */
export function messagingContract(
  collected: Collected,
  open: (skip: Skip) => Promise<Bus | undefined>,
  excuses: Excuses = {},
): void {
  let bus: Bus | undefined;
  let missing: string | undefined;
  beforeAll(async () => {
    bus = await open((reason) => {
      missing = reason;
    });
  }, 90_000);
  afterEach(() => {
    vi.unstubAllEnvs();
    vi.restoreAllMocks();
  });
  afterAll(() => bus?.close());
  for (const [sentence, run] of Object.entries(cases))
    test.skipIf(sentence in excuses)(sentence, async ({ skip }) => {
      if (!bus) return skipped(skip, missing);
      await run(bus, collected);
    });
}

export type Skip = (reason: string) => undefined;

const skipped = (skip: TestContext['skip'], reason: string | undefined): void => {
  if (process.env['CI']) throw new Error(reason);
  skip(reason);
};

/** Resolves with what becomes of a rejection that nobody handles, which is kept from the test runner. */
export function unhandled(): Promise<unknown> {
  const others = process.listeners('unhandledRejection');
  process.removeAllListeners('unhandledRejection');
  return new Promise((resolve) => {
    process.once('unhandledRejection', (error) => {
      for (const listener of others) process.on('unhandledRejection', listener);
      resolve(error);
    });
  });
}

interface Received<T> {
  ready: Promise<void>;
  /** Resolves with what the handler returned for the next `count` messages. */
  take(count: number): Promise<Awaited<T>[]>;
}

function received<T>(
  bus: Pick<Bus, 'receive'>,
  destination: string,
  handler: (message: string) => T,
): Received<T> {
  const results: Awaited<T>[] = [];
  const ready = bus.receive(destination, async (text) => {
    const result = await handler(text);
    results.push(result);
  });
  const take = async (count: number): Promise<Awaited<T>[]> => {
    await vi.waitUntil(() => results.length >= count, { timeout: 20_000, interval: 2 });
    return results.splice(0, count);
  };
  return { ready, take };
}

/** Spans by what came first: INTERNAL, then PRODUCER, then CONSUMER. */
const byKind = (
  spans: readonly ReadableSpan[],
): ReadableSpan[] & [ReadableSpan, ReadableSpan, ReadableSpan] =>
  spans.toSorted((a, b) => a.kind - b.kind) as never;

const activeTrace = (): string | undefined => trace.getActiveSpan()?.spanContext().traceId;
const traceId = (index: number): string => (index + 1).toString(16).padStart(32, 'a');

const remote = (index: number, traceFlags = TraceFlags.SAMPLED): Context =>
  trace.setSpanContext(ROOT_CONTEXT, {
    traceId: traceId(index),
    spanId: '1'.repeat(16),
    traceFlags,
    isRemote: true,
  });
