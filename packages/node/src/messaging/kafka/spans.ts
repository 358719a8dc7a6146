import type { Context, Link, Span } from '@opentelemetry/api';
import { sizeOf } from '../message.ts';
import { type ProcessOptions, type Processing, startProcess } from '../trace-process.ts';
import { startPublish } from '../trace-publish.ts';
import { type KafkaMessage, type Tracing, callHook, kafkaAttributes } from './config.ts';

/** A message as it is sent. */
export interface Outgoing {
  topic: string;
  message: KafkaMessage & { partition?: number };
}

/** A message as it comes, and to whom. */
export interface Incoming extends Group {
  message: KafkaMessage;
  headers: unknown;
}

export interface Group {
  topic: string;
  partition: number;
  groupId?: string | undefined;
}

export function startSend(tracing: Tracing, { topic, message }: Outgoing, parent: Context): Span {
  const { config, tracer } = tracing();
  const options = {
    system: 'kafka',
    destination: topic,
    ...sizeOf(message.value),
    ...(message.partition !== undefined && { partition: message.partition }),
    attributes: kafkaAttributes(message),
    ...(tracer && { tracer }),
  };
  const span = startPublish(options, parent);
  callHook(config.producerHook, span, topic, message);
  return span;
}

/** Where a message that was sent alone has got. */
export function tellPlace(
  span: Span,
  partition: number | undefined,
  offset: string | bigint | undefined,
): void {
  if (partition !== undefined) span.setAttribute('messaging.destination.partition.id', String(partition));
  if (offset !== undefined) span.setAttributes(kafkaAttributes({ offset }));
}

export function startHandling(tracing: Tracing, incoming: Incoming, links: readonly Link[] = []): Processing {
  const { topic, message, headers } = incoming;
  const processing = startProcess({
    ...groupOptions(tracing, incoming),
    ...sizeOf(message.value),
    carrier: headers,
    attributes: kafkaAttributes(message),
    links,
  });
  callHook(tracing().config.consumerHook, processing.span, topic, message);
  return processing;
}

export function groupOptions(tracing: Tracing, { topic, partition, groupId }: Group): ProcessOptions {
  const { config, tracer } = tracing();
  return {
    system: 'kafka',
    destination: topic,
    partition,
    ...(groupId !== undefined && { consumerGroup: groupId }),
    ...(tracer && { tracer }),
    ...(config.relation && { relation: config.relation }),
  };
}

export const baggageOption = (tracing: Tracing): { baggage?: boolean } => {
  const { baggage } = tracing().config;
  return baggage === undefined ? {} : { baggage };
};
