import { trace } from '@opentelemetry/api';
import type { ReadableSpan } from '@opentelemetry/sdk-trace';
import { randomUUID } from 'node:crypto';
import { type Broker, nats } from 'throughline-brokers';
import { orMissing } from 'throughline-brokers/testing';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { tree } from '../../testing/collected.ts';
import { traced } from '../testing/traced.ts';
import { hookNats } from './nats.test-kit.ts';
import type { Message } from './types.ts';

hookNats();
const old = await import('nats');
const current = await import('@nats-io/transport-node');
const { jetstream, jetstreamManager } = await import('@nats-io/jetstream');

/** As far as both libraries have it in common. */
interface JetStream {
  publish(subject: string, data: string): Promise<{ seq: number }>;
  consume(stream: string, consumer: string, options?: object): Promise<AsyncIterable<JsMessage>>;
  fetch(stream: string, consumer: string, options: object): Promise<AsyncIterable<JsMessage>>;
  /** Makes a stream of one subject with one consumer. */
  create(stream: string, consumer: string): Promise<void>;
  close(): Promise<void>;
}
type JsMessage = Message & { ack(): void };

const collected = traced();
let broker: Broker | undefined;
let missing = '';
beforeAll(async () => {
  ({ broker, missing } = await orMissing(nats));
});
afterAll(() => broker?.stop());

const libraries: Record<string, (servers: string) => Promise<JetStream>> = {
  nats: async (servers) => {
    const nc = await old.connect({ servers });
    const js = nc.jetstream();
    const manager = await nc.jetstreamManager();
    return {
      publish: (subject, data) => js.publish(subject, data),
      consume: async (stream, name, options) =>
        (await (await js.consumers.get(stream, name)).consume(options)) as never,
      fetch: async (stream, name, options) =>
        (await (await js.consumers.get(stream, name)).fetch(options)) as never,
      create: async (stream, name) => {
        await manager.streams.add({ name: stream, subjects: [stream] });
        await manager.consumers.add(stream, { durable_name: name, ack_policy: old.AckPolicy.Explicit });
      },
      close: () => nc.close(),
    };
  },
  '@nats-io/jetstream': async (servers) => {
    const nc = await current.connect({ servers });
    const js = jetstream(nc);
    const manager = await jetstreamManager(nc);
    return {
      publish: (subject, data) => js.publish(subject, data),
      consume: async (stream, name, options) =>
        (await (await js.consumers.get(stream, name)).consume(options)) as never,
      fetch: async (stream, name, options) =>
        (await (await js.consumers.get(stream, name)).fetch(options)) as never,
      create: async (stream, name) => {
        await manager.streams.add({ name: stream, subjects: [stream] });
        await manager.consumers.add(stream, { durable_name: name, ack_policy: 'explicit' });
      },
      close: () => nc.close(),
    };
  },
};

const utf8 = (data: Uint8Array): string => Buffer.from(data).toString();
const drawn = (spans: readonly ReadableSpan[]): string => tree(spans).replaceAll(/orders-[\w-]+/g, 'orders');
const one = 'publish orders\n  process orders\n';
const spanId = (): string | undefined => trace.getActiveSpan()?.spanContext().spanId;

for (const [library, connect] of Object.entries(libraries))
  describe(library, () => {
    let js: JetStream;
    beforeAll(async () => {
      if (broker) js = await connect(broker.url);
    });
    afterAll(() => js?.close());

    test('what is published is one span, and each message handled another below it', async ({ skip }) => {
      if (!broker) return skip(missing);
      const stream = `orders-${randomUUID()}`;
      await js.create(stream, 'billing');
      expect(await js.publish(stream, 'first')).toMatchObject({ seq: 1 });
      await js.publish(stream, 'second');
      const seen: [string, string | undefined][] = [];
      for await (const message of await js.consume(stream, 'billing')) {
        seen.push([utf8(message.data), spanId()]);
        message.ack();
        if (seen.length === 2) break;
      }
      expect(seen.map(([text]) => text)).toEqual(['first', 'second']);
      const spans = await collected.take(4);
      expect(drawn(spans)).toBe(one + one);
      const processed = spans.filter((span) => span.name.startsWith('process'));
      expect(new Set(processed.map((span) => span.spanContext().spanId))).toEqual(
        new Set(seen.map(([, id]) => id)),
      );
      expect(processed[0]?.attributes).toMatchObject({
        'messaging.system': 'nats',
        'messaging.destination.name': stream,
        'messaging.consumer.group.name': 'billing',
        'messaging.message.body.size': expect.any(Number),
        'server.port': Number(new URL(broker.url).port),
      });
    });

    test('a callback runs in its message’s span', async ({ skip }) => {
      if (!broker) return skip(missing);
      const stream = `orders-${randomUUID()}`;
      await js.create(stream, 'billing');
      await js.publish(stream, 'x');
      const handled = new Promise<string | undefined>((resolve, reject) => {
        const callback = (message: JsMessage): void => {
          message.ack();
          resolve(spanId());
        };
        js.consume(stream, 'billing', { callback }).catch(reject);
      });
      const id = await handled;
      const spans = await collected.take(2);
      expect(drawn(spans)).toBe(one);
      expect(spans.find((span) => span.name.startsWith('process'))?.spanContext().spanId).toBe(id);
    });

    test('messages that are fetched are told apart', async ({ skip }) => {
      if (!broker) return skip(missing);
      const stream = `orders-${randomUUID()}`;
      await js.create(stream, 'billing');
      await js.publish(stream, 'x');
      await js.publish(stream, 'y');
      const ids: (string | undefined)[] = [];
      for await (const message of await js.fetch(stream, 'billing', { max_messages: 2 })) {
        ids.push(spanId());
        message.ack();
      }
      const spans = await collected.take(4);
      expect(drawn(spans)).toBe(one + one);
      expect(new Set(ids).size).toBe(2);
    });

    test('publishing where no stream is fails as it would have, with the error on the span', async ({
      skip,
    }) => {
      if (!broker) return skip(missing);
      await expect(js.publish(`orders-${randomUUID()}`, 'x')).rejects.toThrow();
      expect(drawn(await collected.take(1))).toMatch(/^publish orders !\w+\n$/);
    });
  });

test('subscriptions of the older client’s own are traced too, and what stores keys is not', async ({
  skip,
}) => {
  if (!broker) return skip(missing);
  const nc = await old.connect({ servers: broker.url });
  const js = nc.jetstream();
  const manager = await nc.jetstreamManager();
  const stream = `orders-${randomUUID()}`;
  await manager.streams.add({ name: stream, subjects: [stream] });
  const ids: (string | undefined)[] = [];

  const options = old.consumerOpts().deliverTo(old.createInbox()).ackExplicit().manualAck();
  const handled = new Promise<void>((resolve) => {
    options.callback((_error, message) => {
      ids.push(spanId());
      message?.ack();
      resolve();
    });
  });
  await js.publish(stream, 'callback');
  const pushed = await js.subscribe(stream, options);
  await handled;
  pushed.unsubscribe();

  const pull = await js.pullSubscribe(stream, old.consumerOpts().durable('pull').ackExplicit().manualAck());
  pull.pull({ batch: 1, expires: 1000 });
  for await (const message of pull) {
    ids.push(spanId());
    message.ack();
    break;
  }
  await manager.consumers.add(stream, { durable_name: 'fetch', ack_policy: old.AckPolicy.Explicit });
  for await (const message of js.fetch(stream, 'fetch', { batch: 1, expires: 1000 })) {
    ids.push(spanId());
    message.ack();
  }

  const keys = await js.views.kv(`keys-${randomUUID()}`);
  const watch = await keys.watch();
  await keys.put('a', 'b');
  for await (const entry of watch) {
    expect([entry.string(), spanId()]).toEqual(['b', undefined]);
    break;
  }
  await nc.close();
  const spans = await collected.take(4);
  expect(drawn(spans)).toBe('publish orders\n  process orders\n  process orders\n  process orders\n');
  const processed = spans.filter((span) => span.name.startsWith('process'));
  expect(new Set(processed.map((span) => span.spanContext().spanId))).toEqual(new Set(ids));
});

test('messages of an ordered consumer of the older client are traced once', async ({ skip }) => {
  if (!broker) return skip(missing);
  const nc = await old.connect({ servers: broker.url });
  const stream = `orders-${randomUUID()}`;
  await (await nc.jetstreamManager()).streams.add({ name: stream, subjects: [stream] });
  await nc.jetstream().publish(stream, 'x');
  const consumer = await nc.jetstream().consumers.get(stream);
  for await (const message of await consumer.consume()) {
    expect(message.string()).toBe('x');
    break;
  }
  const handled = new Promise((resolve) => {
    void nc
      .jetstream()
      .consumers.get(stream)
      .then((another) => another.consume({ callback: resolve }));
  });
  await handled;
  await nc.close();
  expect(drawn(await collected.take(3))).toBe('publish orders\n  process orders\n  process orders\n');
});
