import { randomUUID } from 'node:crypto';
import { redis } from 'throughline-brokers';
import { orMissing } from 'throughline-brokers/testing';
import { type Bus, type Skip, unhandled } from '../testing/messaging-contract.test-kit.ts';
import { type RedisPublisher, publish } from './publish.ts';
import { type Subscription, subscribe } from './subscribe.ts';
import type { RedisSubscriber } from './subscriber.ts';

export interface RedisClients {
  publisher: RedisPublisher;
  subscriber: RedisSubscriber;
  close(): Promise<void>;
}

/** Redis pub/sub, as a client library shows it. */
export async function redisBus(
  skip: Skip,
  connect: (url: string) => Promise<RedisClients>,
): Promise<Bus | undefined> {
  const { broker, missing } = await orMissing(redis);
  if (!broker) return skip(missing);
  const { publisher, subscriber, ...connection } = await connect(broker.url);
  const plain = await connect(broker.url);
  const subscriptions: Subscription[] = [];
  return {
    destination: () => `orders-${randomUUID()}`,
    send: async (channel, message) => void (await publish(publisher, channel, message)),
    sendPlainly: async (channel, message, traceparent) => {
      const text = traceparent
        ? message.replace(/\}$/, `,"_otel":{"traceparent":"${traceparent}"}}`)
        : message;
      await plain.publisher.publish(channel, text);
    },
    receive: async (channel, handler) => {
      subscriptions.push(await subscribe(subscriber, channel, handler));
    },
    receivePlainly: async (channel, handler) => {
      if ('pSubscribe' in plain.subscriber) await plain.subscriber.subscribe([channel], handler as never);
      else {
        plain.subscriber.on('message', (from, text) => from === channel && handler(text.toString()));
        await plain.subscriber.subscribe(channel);
      }
    },
    handlerError: unhandled,
    close: async () => {
      for (const subscription of subscriptions) await subscription.unsubscribe();
      await connection.close();
      await plain.close();
      await broker.stop();
    },
  };
}
