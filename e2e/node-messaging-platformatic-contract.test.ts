import { randomUUID } from 'node:crypto';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { type Readable, Writable } from 'node:stream';
import { pathToFileURL } from 'node:url';
import { type Broker, kafka } from 'throughline-brokers';
import { orMissing } from 'throughline-brokers/testing';
import { watchPlatformaticKafka } from '../packages/node/src/messaging/kafka/platformatic.ts';
import {
  type Bus,
  messagingContract,
  unhandled,
  type Skip,
} from '../packages/node/src/messaging/testing/messaging-contract.test-kit.ts';
import { traced } from '../packages/node/src/messaging/testing/traced.ts';
import { type InstalledPackage, installedPackage } from './support/installed-package.ts';

// What is used here of the library, which is no dependency of the repository and so has no types here.
type Headers = Map<string, string>;
interface Message {
  topic: string;
  value: string;
  headers?: Headers;
}
interface Client {
  close(force?: boolean): Promise<void>;
}
interface Producer extends Client {
  send(options: { messages: Message[] }): Promise<unknown>;
}
interface Consumer extends Client {
  consume(options: object): Promise<Readable & { close(): Promise<void> }>;
}
interface Library {
  Admin: new (options: object) => Client & { createTopics(options: object): Promise<unknown> };
  Producer: new (options: object) => Producer;
  Consumer: new (options: object) => Consumer;
  stringSerializers: object;
  stringDeserializers: object;
}

/** The newest that runs on the oldest Node that is supported. */
const library = await installedPackage('@platformatic/kafka@1.35.0');

messagingContract(traced(), async (skip) => {
  const broker = await brokerFor(library, skip);
  return broker && platformaticBus(broker, await load(library.folder ?? ''));
});

async function brokerFor({ missing }: InstalledPackage, skip: Skip): Promise<Broker | undefined> {
  if (missing !== undefined) return skip(missing);
  const found = await orMissing(kafka);
  return found.broker ?? skip(found.missing);
}

async function load(folder: string): Promise<Library> {
  const entry = createRequire(join(folder, 'package.json')).resolve('@platformatic/kafka');
  return (await import(pathToFileURL(entry).href)) as Library;
}

async function platformaticBus(broker: Broker, library: Library): Promise<Bus> {
  const { Admin, Consumer, Producer, stringDeserializers, stringSerializers } = library;
  const common = { clientId: 'test', bootstrapBrokers: broker.url.split(',') };
  const admin = new Admin(common);
  // What is made before it is watched for is not traced.
  const plain = new Producer({ ...common, serializers: stringSerializers });
  watchPlatformaticKafka();
  const producer = new Producer({ ...common, serializers: stringSerializers });
  const open: (() => Promise<void>)[] = [];

  const streamOf = async (topic: string): Promise<Readable> => {
    const consumer = new Consumer({ ...common, groupId: topic, deserializers: stringDeserializers });
    const options = { topics: [topic], mode: 'earliest', autocommit: true, maxWaitTime: 20 };
    const stream = await consumer.consume({ ...options, sessionTimeout: 10_000, heartbeatInterval: 500 });
    open.push(async () => {
      await stream.close();
      await consumer.close(true);
    });
    return stream;
  };
  return {
    destination: async () => {
      const topic = `orders-${randomUUID()}`;
      await admin.createTopics({ topics: [topic], partitions: 1, replicas: 1 });
      return topic;
    },
    send: async (topic, value) => void (await producer.send({ messages: [{ topic, value }] })),
    sendPlainly: async (topic, value, traceparent) => {
      const headers: Headers = new Map(traceparent ? [['Traceparent', traceparent]] : []);
      await plain.send({ messages: [{ topic, value, headers }] });
    },
    receive: async (topic, handler) => {
      (await streamOf(topic)).on('data', ({ value }: Message) => handler(value));
    },
    receivePlainly: async (topic, handler) => {
      // A pipe is not seen: who reads from it knows nothing of contexts.
      (await streamOf(topic)).pipe(
        new Writable({
          objectMode: true,
          write({ value }: Message, _encoding, done) {
            handler(value);
            done();
          },
        }),
      );
    },
    handlerError: unhandled,
    close: async () => {
      for (const close of open) await close();
      for (const client of [admin, producer, plain]) await client.close();
      await broker.stop();
    },
  };
}
