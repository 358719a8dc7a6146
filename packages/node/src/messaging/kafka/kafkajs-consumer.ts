import { type Span, trace } from '@opentelemetry/api';
import type { Consumer, ConsumerRunConfig, EachBatchPayload } from 'kafkajs';
import { endOnce, runUntilEnd } from '../run.ts';
import { batchSpansFromEnv } from '../settings.ts';
import { startProcess } from '../trace-process.ts';
import type { Tracing } from './config.ts';
import { groupOptions, startHandling } from './spans.ts';

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
      traced.eachMessage = (payload) => {
        const { span, context } = startHandling(tracing, {
          ...payload,
          headers: payload.message.headers,
          groupId,
        });
        return runUntilEnd([span], context, () => eachMessage(payload));
      };
    if (eachBatch) traced.eachBatch = (payload) => handleBatch(payload, eachBatch, groupId, tracing);
    return run(traced);
  };
}

function handleBatch(
  payload: EachBatchPayload,
  handle: (payload: EachBatchPayload) => Promise<void>,
  groupId: string | undefined,
  tracing: Tracing,
): Promise<void> {
  const { topic, partition, messages } = payload.batch;
  const group = { topic, partition, groupId };
  const carriers = messages.map((message) => message.headers);
  const { span, context } = startProcess({ ...groupOptions(tracing, group), carriers });
  if ((tracing().config.batches ?? batchSpansFromEnv()) === 'links')
    return runUntilEnd([span], context, () => handle(payload));
  const link = { context: trace.getSpanContext(context) ?? span.spanContext() };
  const children = messages.map((message) => ({
    offset: BigInt(message.offset),
    span: startHandling(tracing, { ...group, message, headers: message.headers }, [link]).span,
  }));
  const resolveOffset = (offset: string): void => {
    for (const child of children) if (child.offset <= BigInt(offset)) endOnce(child.span);
    payload.resolveOffset(offset);
  };
  const spans: Span[] = [...children.map((child) => child.span), span];
  return runUntilEnd(spans, context, () => handle({ ...payload, resolveOffset }));
}
