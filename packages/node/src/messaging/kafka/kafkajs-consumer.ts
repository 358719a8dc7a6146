import type { Consumer, ConsumerRunConfig, EachBatchPayload, KafkaMessage } from 'kafkajs';
import { type Link, type Span, trace } from '@opentelemetry/api';
import { endOnce, runUntilEnd } from '../run.ts';
import { batchSpansFromEnv } from '../settings.ts';
import { type ProcessOptions, startProcess } from '../trace-process.ts';
import { type Tracing, bodySizeOf, kafkaAttributes } from './config.ts';

/**
 * Makes `run` of a kafkajs consumer trace: a CONSUMER span for each call of `eachMessage`, retries included; for each
 * call of `eachBatch` one with links to all senders and, where `children` is chosen, besides one for each message under
 * its sender, which ends when its offset is resolved, at the latest with the batch.
 */
export function traceConsumer(consumer: Consumer, groupId: string | undefined, tracing: Tracing): void {
  const run = consumer.run.bind(consumer);
  consumer.run = (config: ConsumerRunConfig = {}) => {
    const traced = { ...config };
    const { eachMessage, eachBatch } = config;
    if (eachMessage)
      traced.eachMessage = (payload) =>
        handleMessage(payload.topic, payload.partition, payload.message, () => eachMessage(payload));
    if (eachBatch) traced.eachBatch = (payload) => handleBatch(payload, eachBatch);
    return run(traced);
  };

  const known = (topic: string, partition: number): ProcessOptions => {
    const { config, tracer } = tracing();
    return {
      system: 'kafka',
      destination: topic,
      partition,
      ...(groupId !== undefined && { consumerGroup: groupId }),
      ...(tracer && { tracer }),
      ...(config.relation && { relation: config.relation }),
    };
  };

  const startMessage = (topic: string, partition: number, message: KafkaMessage, links: Link[] = []) => {
    const bodySize = bodySizeOf(message);
    const processing = startProcess({
      ...known(topic, partition),
      ...(bodySize !== undefined && { bodySize }),
      carrier: message.headers,
      attributes: kafkaAttributes(message),
      links,
    });
    tracing().config.consumerHook?.(processing.span, { topic, message });
    return processing;
  };

  const handleMessage = (
    topic: string,
    partition: number,
    message: KafkaMessage,
    handle: () => Promise<void>,
  ): Promise<void> => {
    const { span, context } = startMessage(topic, partition, message);
    return runUntilEnd([span], context, handle);
  };

  const handleBatch = (
    payload: EachBatchPayload,
    handle: (payload: EachBatchPayload) => Promise<void>,
  ): Promise<void> => {
    const { topic, partition, messages } = payload.batch;
    const carriers = messages.map((message) => message.headers);
    const { span, context } = startProcess({ ...known(topic, partition), carriers });
    if ((tracing().config.batches ?? batchSpansFromEnv()) === 'links')
      return runUntilEnd([span], context, () => handle(payload));
    const link = { context: trace.getSpanContext(context) ?? span.spanContext() };
    const children = messages.map((message) => ({
      offset: BigInt(message.offset),
      span: startMessage(topic, partition, message, [link]).span,
    }));
    const resolveOffset = (offset: string): void => {
      for (const child of children) if (child.offset <= BigInt(offset)) endOnce(child.span);
      payload.resolveOffset(offset);
    };
    const spans: Span[] = [...children.map((child) => child.span), span];
    return runUntilEnd(spans, context, () => handle({ ...payload, resolveOffset }));
  };
}
