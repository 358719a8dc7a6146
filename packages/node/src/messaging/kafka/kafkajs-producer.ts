import { type Context, type Span, context as active, trace } from '@opentelemetry/api';
import type { Message, Producer, ProducerBatch, ProducerRecord, RecordMetadata, Transaction } from 'kafkajs';
import { defaultTracer } from '../message.ts';
import { inject } from '../propagate.ts';
import { endOnce, recordError, runUntilEnd } from '../run.ts';
import { type Tracing, areMessages } from './config.ts';
import { baggageOption, startSend, tellPlace } from './spans.ts';

type Sender = Pick<Producer, 'send' | 'sendBatch'>;

/**
 * Makes `send`, `sendBatch` and transactions of a kafkajs producer trace: a PRODUCER span for each message, with its
 * context in the headers of what is sent, which is a copy.
 */
export function traceProducer(producer: Producer, tracing: Tracing): void {
  traceSender(producer, tracing, () => active.active());
  const begin = producer.transaction.bind(producer);
  producer.transaction = async () => {
    const transaction = await begin();
    traceTransaction(transaction, tracing);
    return transaction;
  };
}

/** From its beginning to `commit` or `abort` a transaction is a span; what is sent in it is under that. */
function traceTransaction(transaction: Transaction, tracing: Tracing): void {
  const tracer = tracing().tracer ?? defaultTracer();
  const attributes = { 'messaging.system': 'kafka', 'messaging.system.name': 'kafka' };
  const span = tracer.startSpan('transaction', { attributes });
  traceSender(transaction, tracing, () => trace.setSpan(active.active(), span));
  for (const end of ['commit', 'abort'] as const) {
    const original = transaction[end];
    transaction[end] = async () => {
      try {
        await original.call(transaction);
        endOnce(span);
      } catch (error) {
        recordError(span, error);
        // After a commit that failed comes an abort, with which the span then ends.
        if (end === 'abort') endOnce(span);
        throw error;
      }
    };
  }
}

function traceSender(sender: Sender, tracing: Tracing, parent: () => Context): void {
  const { send, sendBatch } = sender;
  sender.send = (record: ProducerRecord) => {
    if (!areMessages(record?.messages)) return send.call(sender, record);
    const sending = new Sending(parent(), tracing);
    const copy = { ...record, messages: sending.messages(record.topic, record.messages) };
    return sending.run(() => send.call(sender, copy));
  };
  sender.sendBatch = (batch: ProducerBatch) => {
    const topics = batch?.topicMessages;
    if (!topics?.every((each) => areMessages(each?.messages))) return sendBatch.call(sender, batch);
    const sending = new Sending(parent(), tracing);
    const copy = topics.map((each) => ({ ...each, messages: sending.messages(each.topic, each.messages) }));
    return sending.run(() => sendBatch.call(sender, { ...batch, topicMessages: copy }));
  };
}

/** The spans of one call. */
class Sending {
  readonly #spans: Span[] = [];
  readonly #parent: Context;
  readonly #tracing: Tracing;

  constructor(parent: Context, tracing: Tracing) {
    this.#parent = parent;
    this.#tracing = tracing;
  }

  messages(topic: string, messages: readonly Message[]): Message[] {
    return messages.map((message) => {
      const span = startSend(this.#tracing, { topic, message }, this.#parent);
      this.#spans.push(span);
      const context = trace.setSpan(this.#parent, span);
      const headers = inject({ ...message.headers }, { context, ...baggageOption(this.#tracing) });
      return { ...message, headers };
    });
  }

  run(send: () => Promise<RecordMetadata[]>): Promise<RecordMetadata[]> {
    const [only, ...others] = this.#spans;
    if (!only || others.length > 0) return runUntilEnd(this.#spans, this.#parent, send);
    return runUntilEnd([only], trace.setSpan(this.#parent, only), async () => {
      const sent = await send();
      tellPlace(only, sent?.[0]?.partition, sent?.[0]?.baseOffset);
      return sent;
    });
  }
}
