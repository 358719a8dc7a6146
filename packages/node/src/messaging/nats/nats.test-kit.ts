import { randomUUID } from 'node:crypto';
import { nats } from 'throughline-brokers';
import { orMissing } from 'throughline-brokers/testing';
import { hookPackages } from '../../instrumentations/package-hooks.ts';
import { libraries } from '../../instrumentations/libraries.ts';
import { type Bus, type Skip, unhandled } from '../testing/messaging-contract.test-kit.ts';
import { PlainNats } from './nats-plain.test-kit.ts';
import type { Message, SubscribeOptions } from './types.ts';

/** As far as both libraries have it in common. */
export interface NatsClient {
  publish(subject: string, payload: string): void;
  subscribe(subject: string, options?: SubscribeOptions): AsyncIterable<Message>;
  flush(): Promise<void>;
  close(): Promise<void>;
}

/** What follows is traced in the packages that are loaded from now on. */
export const hookNats = (): void => hookPackages([[libraries.nats, {}]]);

/** NATS, as a client library shows it, whose messages are taken by a callback or in a loop. */
export async function natsBus(
  skip: Skip,
  connect: (url: string) => Promise<NatsClient>,
  how: 'callback' | 'loop',
): Promise<Bus | undefined> {
  const { broker, missing } = await orMissing(nats);
  if (!broker) return skip(missing);
  const [sender, receiver] = [await connect(broker.url), await connect(broker.url)];
  const plain = await PlainNats.connect(broker.url);
  return {
    destination: () => `orders-${randomUUID()}`,
    send: async (subject, message) => {
      sender.publish(subject, message);
      await sender.flush();
    },
    sendPlainly: async (subject, message, traceparent) => {
      plain.publish(subject, message, traceparent ? { headers: `Traceparent: ${traceparent}\r\n` } : {});
    },
    receive: async (subject, handler) => {
      const text = (message: Message): string => Buffer.from(message.data).toString();
      if (how === 'callback')
        receiver.subscribe(subject, { callback: (_error, message) => handler(text(message)) });
      else void loop(receiver.subscribe(subject), (message) => handler(text(message)));
      await receiver.flush();
    },
    receivePlainly: (subject, handler) => plain.subscribe(subject, handler),
    handlerError: unhandled,
    close: async () => {
      await sender.close();
      await receiver.close();
      plain.close();
      await broker.stop();
    },
  };
}

async function loop(messages: AsyncIterable<Message>, handle: (message: Message) => unknown): Promise<void> {
  for await (const message of messages) await handle(message);
}
