import { type Span, SpanKind, trace } from '@opentelemetry/api';
import { Redis } from 'ioredis';
import { randomUUID } from 'node:crypto';
import { createClient } from 'redis';
import { type Broker, redis } from 'throughline-brokers';
import { orMissing } from 'throughline-brokers/testing';
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest';
import { traced } from '../testing/traced.ts';
import type { RedisClients } from './contract.test-kit.ts';
import { publish } from './publish.ts';
import { subscribe } from './subscribe.ts';

const collected = traced();
/** On standard error, over all tests here. */
const said: string[] = [];
let broker: Broker | undefined;
let missing = '';

beforeAll(async () => {
  ({ broker, missing } = await orMissing(redis));
});
afterAll(() => broker?.stop());

const libraries: Record<string, (url: string) => Promise<RedisClients>> = {
  ioredis: async (url) => {
    const [publisher, subscriber] = [new Redis(url), new Redis(url)];
    return {
      publisher,
      subscriber,
      close: async () => {
        await publisher.quit();
        await subscriber.quit();
      },
    };
  },
  'node-redis': async (url) => {
    const publisher = await createClient({ url }).connect();
    const subscriber = await publisher.duplicate().connect();
    return {
      publisher,
      subscriber,
      close: async () => {
        await publisher.close();
        await subscriber.close();
      },
    };
  },
};

for (const [library, connect] of Object.entries(libraries))
  describe(library, () => {
    let clients: RedisClients;
    const channel = (): string => `orders-${randomUUID()}`;

    beforeAll(async () => {
      if (broker) clients = await connect(broker.url);
    });
    afterAll(() => clients?.close());
    afterEach(() => vi.restoreAllMocks());

    const handled = <T>(): [T[], (value: T) => void, (count: number) => Promise<T[]>] => {
      const values: T[] = [];
      const take = async (count: number): Promise<T[]> => {
        await vi.waitUntil(() => values.length >= count, { timeout: 10_000, interval: 2 });
        return values;
      };
      return [values, (value) => void values.push(value), take];
    };

    test('a pattern tells its handler the channel', async ({ skip }) => {
      if (!broker) return skip(missing);
      const [, add, take] = handled<[string, string]>();
      const prefix = channel();
      const subscription = await subscribe(
        clients.subscriber,
        [`${prefix}.*`, `${prefix}-*`],
        (message, from) => add([message, from]),
        { pattern: true },
      );
      await publish(clients.publisher, `${prefix}.a`, '{"a":1}');
      await publish(clients.publisher, `${prefix}-b`, '{"b":1}');
      expect(await take(2)).toEqual([
        ['{"a":1}', `${prefix}.a`],
        ['{"b":1}', `${prefix}-b`],
      ]);
      const processed = (await collected.take(4)).filter((span) => span.kind === SpanKind.CONSUMER);
      expect(processed.map((span) => span.name)).toEqual([`process ${prefix}.*`, `process ${prefix}-*`]);
      expect(processed[0]?.attributes).toMatchObject({
        'messaging.destination.name': `${prefix}.a`,
        'messaging.destination.template': `${prefix}.*`,
      });
      await subscription.unsubscribe();
      await subscription.unsubscribe();
      expect(await clients.publisher.publish(`${prefix}.a`, 'x')).toBe(0);
    });

    test('several channels and several handlers of one client are told apart, until each is ended', async ({
      skip,
    }) => {
      if (!broker) return skip(missing);
      const [one, two] = [channel(), channel()];
      const [values, add, take] = handled<string>();
      const both = await subscribe(clients.subscriber, [one, two], (text, from) =>
        add(`both ${from} ${text}`),
      );
      const first = await subscribe(clients.subscriber, one, (text) => add(`first ${text}`));
      await publish(clients.publisher, one, '{"n":1}');
      await publish(clients.publisher, two, '{"n":2}');
      expect((await take(3)).toSorted()).toEqual(
        [`both ${one} {"n":1}`, `both ${two} {"n":2}`, 'first {"n":1}'].toSorted(),
      );
      const [, ...spans] = await collected.take(5);
      expect(spans.filter((span) => span.kind === SpanKind.CONSUMER)).toHaveLength(3);
      await both.unsubscribe();
      values.length = 0;
      await publish(clients.publisher, one, '{"n":3}');
      expect(await take(1)).toEqual(['first {"n":3}']);
      await first.unsubscribe();
      expect(await publish(clients.publisher, one, '{"n":4}')).toBe(0);
      await collected.take(3);
    });

    test('bytes arrive as they were', async ({ skip }) => {
      if (!broker) return skip(missing);
      const to = channel();
      const [values, add, take] = handled<Buffer>();
      const subscription = await subscribe(clients.subscriber, to, add, { buffers: true });
      const bytes = Buffer.from([0, 255, 123, 128, 125]);
      await publish(clients.publisher, to, bytes);
      await publish(clients.publisher, to, new Uint8Array(bytes), { envelope: 'wrap' });
      await publish(clients.publisher, to, '{"text":"Käse"}');
      expect(await take(3)).toEqual([bytes, bytes, Buffer.from('{"text":"Käse"}')]);
      expect(values.every((value) => Buffer.isBuffer(value))).toBe(true);
      const spans = await collected.take(6);
      const roots = spans.filter((span) => !span.parentSpanContext && span.kind === SpanKind.CONSUMER);
      expect(roots).toHaveLength(1);
      await subscription.unsubscribe();
    });

    test('a text that is no JSON object goes as it is, which is said once, or wrapped where that is asked', async ({
      skip,
    }) => {
      if (!broker) return skip(missing);
      vi.spyOn(process.stderr, 'write').mockImplementation((text) => said.push(String(text)) > 0);
      const to = channel();
      const plain: string[] = [];
      const raw = new Redis(broker.url);
      raw.on('message', (_from, text) => plain.push(text));
      await raw.subscribe(to);
      const [, add, take] = handled<[string, Span]>();
      const subscription = await subscribe(clients.subscriber, to, (text, _from, span) => add([text, span]));
      await publish(clients.publisher, to, 'hello');
      await publish(clients.publisher, to, 'hello');
      await publish(clients.publisher, to, 'hello', { envelope: 'wrap' });
      await publish(clients.publisher, to, 'hello', { envelope: 'go' });
      expect((await take(4)).map(([text]) => text)).toEqual(['hello', 'hello', 'hello', 'hello']);
      const spans = await collected.take(8);
      const children = spans.filter((span) => span.kind === SpanKind.CONSUMER && span.parentSpanContext);
      expect(children).toHaveLength(2);
      await vi.waitUntil(() => plain.length === 4, { timeout: 10_000 });
      expect(plain).toEqual([
        'hello',
        'hello',
        expect.stringMatching(/^\{"_otel":\{"traceparent":"00-.*"\},"_text":"hello"\}$/),
        expect.stringMatching(/^\{"Body":"hello","Header":\{"Traceparent":\["00-.*"\]\}\}$/),
      ]);
      expect(said.filter((text) => text.includes('is no JSON object'))).toHaveLength(1);
      await raw.quit();
      await subscription.unsubscribe();
    });

    test('spans have the names, attributes and links that the caller says', async ({ skip }) => {
      if (!broker) return skip(missing);
      const to = channel();
      const [, add, take] = handled<string>();
      const subscription = await subscribe(clients.subscriber, to, add, {
        name: 'work',
        relation: 'link',
        attributes: { team: 'blue' },
        tracer: trace.getTracer('pkg'),
      });
      await publish(clients.publisher, to, 'hello', {
        envelope: 'go',
        name: 'broker publish',
        attributes: { team: 'red' },
        tracer: trace.getTracer('pkg'),
      });
      await take(1);
      const spans = await collected.take(2);
      const of = (kind: SpanKind) => spans.find((span) => span.kind === kind);
      const [sent, worked] = [of(SpanKind.PRODUCER), of(SpanKind.CONSUMER)];
      expect([sent?.name, sent?.attributes['team'], sent?.instrumentationScope.name]).toEqual([
        'broker publish',
        'red',
        'pkg',
      ]);
      expect([worked?.name, worked?.attributes['team'], worked?.parentSpanContext]).toEqual([
        'work',
        'blue',
        undefined,
      ]);
      expect(worked?.links[0]?.context.spanId).toBe(sent?.spanContext().spanId);
      const { hostname, port } = new URL(broker.url);
      expect(sent?.attributes).toMatchObject({ 'server.address': hostname, 'server.port': Number(port) });
      await subscription.unsubscribe();
    });

    test('publishing that fails fails as it would have, with the error on the span', async ({ skip }) => {
      if (!broker) return skip(missing);
      const closed = await connect(broker.url);
      await closed.close();
      await expect(publish(closed.publisher, channel(), '{}')).rejects.toThrow(/closed/i);
      const [span] = await collected.take(1);
      expect(span?.status.code).toBe(2);
    });

    test('a handler runs in no context but its message’s', async ({ skip }) => {
      if (!broker) return skip(missing);
      const to = channel();
      const [, add, take] = handled<string | undefined>();
      // The client connects inside a span, which node-redis would have active in every handler.
      await trace.getTracer('test').startActiveSpan('connect', async (span) => {
        const inside = await connect(broker?.url ?? '');
        await subscribe(inside.subscriber, to, () => add(trace.getActiveSpan()?.spanContext().traceId));
        span.end();
        await clients.publisher.publish(to, 'plain');
        const [traceId] = await take(1);
        expect(traceId).toMatch(/^[0-9a-f]{32}$/);
        expect(traceId).not.toBe(span.spanContext().traceId);
        await inside.close();
      });
      await collected.take(2);
    });
  });
