import { type Attributes, type Span, type Tracer, diag } from '@opentelemetry/api';
import type { InstrumentationConfig } from '@opentelemetry/instrumentation';
import { isUtf8 } from 'node:buffer';
import { textOf } from '../carrier.ts';
import type { BatchSpans, Relation } from '../settings.ts';

/** A message of Kafka as both clients have it, as far as it is told in spans. */
export interface KafkaMessage {
  key?: Uint8Array | string | null;
  value?: Uint8Array | string | null;
  offset?: string | bigint;
}

type Hook = (span: Span, info: { topic: string; message: KafkaMessage }) => void;

export interface KafkaConfig extends InstrumentationConfig {
  /** Whether baggage goes along. Default: as THROUGHLINE_MESSAGING_BAGGAGE says. */
  baggage?: boolean;
  /** Default: as THROUGHLINE_MESSAGING_CONSUMERS says, else `child`. */
  relation?: Relation;
  /** How what `eachBatch` handles is shown. Default: as THROUGHLINE_MESSAGING_BATCHES says, else `links`. */
  batches?: BatchSpans;
  /** Called with each span of a message that is sent. */
  producerHook?: Hook;
  /** Called with each span of a message that is handled. */
  consumerHook?: Hook;
}

/** What is asked when there is a message: what is configured may change. */
export type Tracing = () => { tracer?: Tracer; config: KafkaConfig };

/** By the conventions for Kafka, in their older names too, which what reads traces knows. */
export function kafkaAttributes({ key, value, offset }: KafkaMessage): Attributes {
  const hasKey = key !== undefined && key !== null;
  const text = hasKey ? keyText(key) : undefined;
  const number = offset === undefined ? undefined : Number(offset);
  return {
    ...(text !== undefined && { 'kafka.message.key': text, 'messaging.kafka.message.key': text }),
    ...(hasKey &&
      value === null && { 'kafka.message.tombstone': true, 'messaging.kafka.message.tombstone': true }),
    ...(number !== undefined && { 'kafka.offset': number, 'messaging.kafka.offset': number }),
  };
}

/** Keys are bytes, or what a serializer makes bytes of; those that are no text are not told. */
const keyText = (key: unknown): string | undefined =>
  typeof key === 'string' || (key instanceof Uint8Array && isUtf8(key)) ? textOf(key) : undefined;

/** Whether each can be given headers; whatever else a client is given it is for the client to refuse. */
export const areMessages = (messages: unknown): messages is object[] =>
  Array.isArray(messages) && messages.every((message) => typeof message === 'object' && message !== null);

/** Calls a hook, whose errors are none of the message's. */
export function callHook(hook: Hook | undefined, span: Span, topic: string, message: KafkaMessage): void {
  try {
    hook?.(span, { topic, message });
  } catch (error) {
    diag.error('throughline: a hook for Kafka messages failed', error);
  }
}
