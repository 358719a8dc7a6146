import { createRequire } from 'node:module';
import { join } from 'node:path';
import { type Hop, failure, hopWith } from './hop.ts';
import { type Probe, type Sent, described } from './probe.ts';
import type { Target } from './targets.ts';

/** What is used of kafkajs. */
interface Client {
  admin(): {
    connect(): Promise<void>;
    disconnect(): Promise<void>;
    describeCluster(): Promise<{ brokers: unknown[] }>;
    listTopics(): Promise<string[]>;
    fetchTopicOffsets(topic: string): Promise<{ partition: number; high: string }[]>;
    deleteGroups(groups: string[]): Promise<unknown>;
  };
  producer(options: object): {
    connect(): Promise<void>;
    disconnect(): Promise<void>;
    send(batch: object): Promise<unknown>;
  };
  consumer(options: object): {
    connect(): Promise<void>;
    disconnect(): Promise<void>;
    subscribe(options: object): Promise<void>;
    run(options: {
      eachMessage: (each: { message: { key: Buffer | null; headers?: object } }) => Promise<void>;
    }): Promise<void>;
    on(event: 'consumer.group_join', listener: () => void): void;
    seek(place: { topic: string; partition: number; offset: string }): void;
  };
}
interface KafkaJs {
  Kafka: new (options: object) => Client;
  logLevel: { NOTHING: number };
}

/** With the application's own kafkajs: a message with headers through `topic`, or without one only a look at the brokers. */
export async function throughKafka(
  target: Target,
  probe: Probe,
  sent: Sent,
  options: { folder: string; topic: string | undefined; timeoutMs: number },
): Promise<Hop> {
  let kafkajs: KafkaJs;
  try {
    kafkajs = createRequire(join(options.folder, 'package.json'))('kafkajs') as KafkaJs;
  } catch {
    return hopWith(target, sent, {
      status: 'warning',
      found: 'not tried, because kafkajs cannot be found from here',
      advice: 'Run this in a folder where it is installed (npm install kafkajs).',
    });
  }
  const client = new kafkajs.Kafka({
    clientId: 'throughline-doctor',
    brokers: target.address.replace(/^kafka:\/\//, '').split(','),
    logLevel: kafkajs.logLevel.NOTHING,
    connectionTimeout: options.timeoutMs,
    retry: { retries: 2 },
  });
  try {
    const { topic } = options;
    const { brokers, topics, ends } = await look(client, topic);
    if (topic === undefined)
      return hopWith(target, sent, {
        status: 'warning',
        found: `it answers (${brokers} broker${brokers === 1 ? '' : 's'}); no message was sent`,
        advice: 'Name a topic through which a probe may be sent: --topic TOPIC.',
      });
    if (!topics.includes(topic))
      return hopWith(target, sent, {
        status: 'problem',
        found: `it has no topic ${topic}`,
        advice: 'Name one that is there.',
      });
    const context = probe.survived(sent, await through(client, topic, ends, sent, options.timeoutMs));
    const found = `${described(context)}, in the headers of a message through ${topic}`;
    return hopWith(target, sent, { status: context.traceId ? 'ok' : 'problem', found, context });
  } catch (error) {
    const advice = 'Is it running, and may this client read and write the topic?';
    return hopWith(target, sent, {
      status: 'problem',
      found: `no message came through (${failure(error)})`,
      advice,
    });
  }
}

type Ends = readonly { partition: number; high: string }[];

async function look(
  client: Client,
  topic: string | undefined,
): Promise<{ brokers: number; topics: string[]; ends: Ends }> {
  const admin = client.admin();
  await admin.connect();
  try {
    const { brokers } = await admin.describeCluster();
    const topics = await admin.listTopics();
    const ends = topic !== undefined && topics.includes(topic) ? await admin.fetchTopicOffsets(topic) : [];
    return { brokers: brokers.length, topics, ends };
  } finally {
    await admin.disconnect();
  }
}

/** The headers with which a message comes back to a consumer group of its own, which is removed again. */
async function through(
  client: Client,
  topic: string,
  ends: Ends,
  sent: Sent,
  timeoutMs: number,
): Promise<object> {
  const key = `throughline-probe-${sent.span.spanContext().spanId}`;
  const consumer = client.consumer({ groupId: key, allowAutoTopicCreation: false });
  const producer = client.producer({ allowAutoTopicCreation: false });
  let timer: NodeJS.Timeout | undefined;
  try {
    await Promise.all([consumer.connect(), producer.connect()]);
    const joined = new Promise<void>((resolve) => consumer.on('consumer.group_join', resolve));
    await consumer.subscribe({ topic, fromBeginning: false });
    const late = new Promise<never>((_, reject) => {
      timer = setTimeout(() => reject(new Error('it did not come back in time')), timeoutMs * 4);
    });
    const came = new Promise<object>((resolve, reject) => {
      const eachMessage = async ({
        message,
      }: {
        message: { key: Buffer | null; headers?: object };
      }): Promise<void> => {
        if (String(message.key) === key) resolve(message.headers ?? {});
      };
      consumer.run({ eachMessage }).catch(reject);
    });
    await Promise.race([joined, late]);
    // Where a consumer begins that asks for what is new is decided later than this.
    for (const { partition, high } of ends) consumer.seek({ topic, partition, offset: high });
    await producer.send({ topic, messages: [{ key, value: '{"probe":true}', headers: sent.headers }] });
    return await Promise.race([came, late]);
  } finally {
    clearTimeout(timer);
    await Promise.allSettled([consumer.disconnect(), producer.disconnect()]);
    await removeGroup(client, key);
  }
}

async function removeGroup(client: Client, group: string): Promise<void> {
  const admin = client.admin();
  try {
    await admin.connect();
    await admin.deleteGroups([group]);
  } catch {
    // A group without members is forgotten by the broker in time.
  } finally {
    await admin.disconnect();
  }
}
