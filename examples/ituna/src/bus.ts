import { type Consumer, Kafka, type Producer, logLevel } from 'kafkajs';
import { setTimeout as delay } from 'node:timers/promises';
import type { Order } from './order.ts';
import { settings } from './settings.ts';

/** Orders in and out of Kafka's topics, as JSON without key or headers. */
export class Bus {
  readonly #kafka: Kafka;
  readonly #name: string;
  #producer: Promise<Producer> | undefined;
  #consumer: Consumer | undefined;

  constructor(name: string) {
    this.#name = name;
    this.#kafka = new Kafka({
      clientId: name,
      brokers: settings.brokers,
      logLevel: logLevel.NOTHING,
      connectionTimeout: 1000,
      retry: { initialRetryTime: 100, maxRetryTime: 1000, retries: Number.MAX_SAFE_INTEGER },
    });
  }

  /** Resolves when the broker has the order; rejects when it does not within `ackTimeoutMs`. */
  async put(topic: string, order: Order): Promise<void> {
    const late = new AbortController();
    try {
      await Promise.race([this.#send(topic, order), this.#tooLate(topic, late.signal)]);
    } finally {
      late.abort();
    }
  }

  async #send(topic: string, order: Order): Promise<void> {
    const producer = await (this.#producer ??= this.#connect());
    await producer.send({ topic, messages: [{ value: JSON.stringify(order) }] });
  }

  async #connect(): Promise<Producer> {
    const producer = this.#kafka.producer({ retry: { retries: 3 } });
    try {
      await producer.connect();
      return producer;
    } catch (error) {
      this.#producer = undefined;
      throw error;
    }
  }

  async #tooLate(topic: string, signal: AbortSignal): Promise<never> {
    await delay(settings.ackTimeoutMs, undefined, { signal });
    throw new Error(`Kafka does not acknowledge the order in ${topic} within ${settings.ackTimeoutMs} ms`);
  }

  /**
   * Gives `handle` the text of one message of the topic at a time. What it was given when the process is killed it gets
   * again.
   */
  async take(topic: string, handle: (text: string) => Promise<void>): Promise<void> {
    const admin = this.#kafka.admin();
    await admin.connect();
    await admin.createTopics({ topics: [{ topic }] });
    await admin.disconnect();
    // A group for each service: members of a group share the topics that they read.
    this.#consumer = this.#kafka.consumer({
      groupId: `${topic}-${this.#name}`,
      sessionTimeout: 6000,
      heartbeatInterval: 1000,
    });
    await this.#consumer.connect();
    await this.#consumer.subscribe({ topic, fromBeginning: true });
    await this.#consumer.run({
      autoCommitThreshold: 1,
      eachMessage: ({ message }) => handle(message.value?.toString() ?? ''),
    });
  }

  /** Leaves the broker; one that does not answer is not waited for. */
  async close(): Promise<void> {
    const leave = async (): Promise<void> => {
      await this.#consumer?.disconnect();
      await (await this.#producer)?.disconnect();
    };
    await Promise.race([leave().catch(() => {}), delay(1500)]);
  }
}
