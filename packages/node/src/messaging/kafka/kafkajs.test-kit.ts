import {
  type Consumer,
  type EachBatchPayload,
  Kafka,
  type KafkaConfig,
  type Producer,
  logLevel,
} from 'kafkajs';
import { randomUUID } from 'node:crypto';
import { kafka as startKafka } from 'throughline-brokers';
import { orMissing } from 'throughline-brokers/testing';
import type { Skip } from '../testing/messaging-contract.test-kit.ts';
import { traceKafkaJs } from './kafkajs.ts';

export interface KafkaJs {
  /** A new topic with one partition. */
  topic: () => Promise<string>;
  producer: Producer;
  plain: Producer;
  consume: (topic: string, how: How) => Promise<Consumer>;
  kafka: Kafka;
  stop(): Promise<void>;
}

interface How {
  plainly?: true;
  eachMessage?: (value: string) => unknown;
  eachBatch?: (payload: EachBatchPayload) => Promise<void>;
}

/** kafkajs against a real Kafka, traced and plain. */
export async function kafkaJs(skip: Skip): Promise<KafkaJs | undefined> {
  const { broker, missing } = await orMissing(startKafka);
  if (!broker) return skip(missing);
  const config: KafkaConfig = {
    brokers: broker.url.split(','),
    logLevel: logLevel.NOTHING,
    retry: { initialRetryTime: 10 },
  };
  const kafka = traceKafkaJs(new Kafka(config));
  const unaware = new Kafka(config);
  const admin = unaware.admin();
  const [producer, plain] = [kafka.producer(), unaware.producer()];
  const consumers: Consumer[] = [];
  await Promise.all([admin, producer, plain].map((client) => client.connect()));
  return {
    producer,
    plain,
    kafka,
    topic: async () => {
      const topic = `orders-${randomUUID()}`;
      await admin.createTopics({ topics: [{ topic, numPartitions: 1 }], waitForLeaders: true });
      return topic;
    },
    consume: async (topic, { plainly, eachMessage, eachBatch }) => {
      const consumer = (plainly ? unaware : kafka).consumer({
        groupId: `group-${topic}`,
        maxWaitTimeInMs: 20,
        retry: { initialRetryTime: 10 },
      });
      consumers.push(consumer);
      await consumer.connect();
      await consumer.subscribe({ topic, fromBeginning: true });
      await consumer.run({
        ...(eachBatch && { eachBatch }),
        ...(eachMessage && {
          eachMessage: async ({ message }) => void (await eachMessage(String(message.value))),
        }),
      });
      return consumer;
    },
    stop: async () => {
      await Promise.all([admin, producer, plain, ...consumers].map((client) => client.disconnect()));
      await broker.stop();
    },
  };
}
