import { type Span, SpanKind, trace } from '@opentelemetry/api';
import type { ReadableSpan } from '@opentelemetry/sdk-trace';
import type { EachBatchPayload } from 'kafkajs';
import { type TestContext, afterAll, afterEach, beforeAll, expect, test, vi } from 'vitest';
import { traced } from '../testing/traced.ts';
import { traceKafkaJs } from './kafkajs.ts';
import { type KafkaJs, kafkaJs } from './kafkajs.test-kit.ts';

const collected = traced();
let kafka: KafkaJs | undefined;
let missing = '';

beforeAll(async () => {
  kafka = await kafkaJs((reason) => {
    missing = reason;
  });
}, 90_000);
afterEach(() => vi.unstubAllEnvs());
afterAll(() => kafka?.stop());

const here = (skip: TestContext['skip']): KafkaJs => kafka ?? skip(missing);
const of = (spans: readonly ReadableSpan[], kind: SpanKind): ReadableSpan[] =>
  spans.filter((span) => span.kind === kind).toSorted((a, b) => offsetOf(a) - offsetOf(b));
const offsetOf = (span: ReadableSpan): number => Number(span.attributes['kafka.offset'] ?? -1);
const spanId = (span: ReadableSpan | Span | undefined): string | undefined => span?.spanContext().spanId;

/** Sends three messages, of which the second is from a program without tracing, and resolves with the batch's handling. */
async function batchOfThree(
  { topic, producer, plain, consume }: KafkaJs,
  handle: (payload: EachBatchPayload) => Promise<void>,
): Promise<string> {
  const name = await topic();
  await producer.send({ topic: name, messages: [{ key: 'k', value: 'one' }] });
  await plain.send({ topic: name, messages: [{ value: 'two', headers: { traceparent: 'broken' } }] });
  await producer.send({ topic: name, messages: [{ value: 'three' }] });
  await new Promise<void>((resolve, reject) => {
    const eachBatch = async (payload: EachBatchPayload): Promise<void> => {
      try {
        await handle(payload);
      } finally {
        setImmediate(resolve);
      }
    };
    consume(name, { eachBatch }).catch(reject);
  });
  return name;
}

test('a batch is one span with a link to each sender', async ({ skip }) => {
  let inside: Span | undefined;
  const topic = await batchOfThree(here(skip), async ({ batch }) => {
    expect(batch.messages.map(({ value }) => String(value))).toEqual(['one', 'two', 'three']);
    inside = trace.getActiveSpan();
  });
  const spans = await collected.take(3);
  const [process, ...others] = of(spans, SpanKind.CONSUMER);
  const sent = of(spans, SpanKind.PRODUCER);
  expect(others).toEqual([]);
  expect(spanId(inside)).toBe(spanId(process));
  expect(process?.name).toBe(`process ${topic}`);
  expect(process?.parentSpanContext).toBeUndefined();
  expect(process?.links.map((link) => link.context.spanId)).toEqual(sent.map(spanId));
  expect(process?.attributes).toMatchObject({
    'messaging.batch.message_count': 3,
    'messaging.consumer.group.name': `group-${topic}`,
    'messaging.destination.partition.id': '0',
  });
});

test('a batch is besides a span for each message under its sender, where that is chosen', async ({
  skip,
}) => {
  vi.stubEnv('THROUGHLINE_MESSAGING_BATCHES', 'children');
  const open: number[] = [];
  await batchOfThree(here(skip), async (payload) => {
    for (const message of payload.batch.messages) {
      open.push(6 - collected.ended());
      payload.resolveOffset(message.offset);
    }
    open.push(6 - collected.ended());
  });
  // Two that sent are over; each offset that is resolved ends one more, but that of the batch.
  expect(open).toEqual([4, 3, 2, 1]);
  const spans = await collected.take(6);
  const [first, last] = of(spans, SpanKind.PRODUCER);
  const [batch, one, two, three] = of(spans, SpanKind.CONSUMER);
  expect([one, two, three].map((span) => span?.parentSpanContext?.spanId)).toEqual([
    spanId(first),
    undefined,
    spanId(last),
  ]);
  for (const span of [one, two, three])
    expect(span?.links.map((link) => link.context.spanId)).toEqual([spanId(batch)]);
  expect(one?.attributes).toMatchObject({
    'kafka.offset': 0,
    'messaging.kafka.offset': 0,
    'kafka.message.key': 'k',
    'messaging.message.body.size': 3,
  });
  expect(one?.attributes).not.toHaveProperty('messaging.batch.message_count');
});

test('an error of a batch marks its span and those of the messages that were not resolved', async ({
  skip,
}) => {
  vi.stubEnv('THROUGHLINE_MESSAGING_BATCHES', 'children');
  await batchOfThree(here(skip), async (payload) => {
    payload.resolveOffset(payload.batch.firstOffset() ?? '');
    throw new RangeError('no more');
  });
  const spans = of(await collected.take(6), SpanKind.CONSUMER);
  expect(spans.map((span) => [span.status.code, span.attributes['error.type']])).toEqual([
    [2, 'RangeError'],
    [0, undefined],
    [2, 'RangeError'],
    [2, 'RangeError'],
  ]);
});

test('a message that is tried again is handled in a span for each attempt', async ({ skip }) => {
  const { topic, producer, consume } = here(skip);
  const name = await topic();
  await producer.send({ topic: name, messages: [{ value: 'x' }] });
  let attempts = 0;
  await consume(name, {
    eachMessage: () => {
      if (++attempts < 3) throw Object.assign(new Error('busy'), { retriable: true });
    },
  });
  const spans = await collected.take(4);
  const [sent] = of(spans, SpanKind.PRODUCER);
  const tried = of(spans, SpanKind.CONSUMER);
  expect(tried.filter((span) => span.status.code === 2)).toHaveLength(2);
  expect(new Set(tried.map((span) => span.parentSpanContext?.spanId))).toEqual(new Set([spanId(sent)]));
});

test('each message sent has a span of its own, and its own headers and no more', async ({ skip }) => {
  const { topic, producer, consume } = here(skip);
  const [name, second] = [await topic(), await topic()];
  const headers = { Tenant: Buffer.from('blue'), TraceParent: 'old', list: ['a', 'b'] };
  const messages = [
    { key: 'k', value: null, headers },
    { key: Buffer.from([255]), value: 'b', headers },
    { value: Buffer.from('c') },
  ];
  await trace.getTracer('test').startActiveSpan('order', async (span) => {
    await producer.send({ topic: name, messages });
    await producer.sendBatch({
      topicMessages: [{ topic: second, messages: [{ value: 'd', partition: 0 }] }],
    });
    span.end();
  });
  expect([headers.TraceParent, Object.keys(headers)]).toEqual(['old', ['Tenant', 'TraceParent', 'list']]);
  expect(messages[2]).toEqual({ value: Buffer.from('c') });
  const spans = await collected.take(5);
  const [order] = of(spans, SpanKind.INTERNAL);
  const sent = of(spans, SpanKind.PRODUCER);
  expect(sent.map((span) => span.parentSpanContext?.spanId)).toEqual(Array(4).fill(spanId(order)));
  expect(sent.map((span) => span.attributes)).toMatchObject([
    { 'kafka.message.key': 'k', 'kafka.message.tombstone': true, 'messaging.kafka.message.tombstone': true },
    { 'messaging.message.body.size': 1 },
    { 'messaging.message.body.size': 1 },
    {
      'messaging.destination.name': second,
      'kafka.offset': 0,
      'messaging.destination.partition.id': '0',
      'messaging.operation.name': 'send',
    },
  ]);
  expect(sent[1]?.attributes).not.toHaveProperty('kafka.message.key');
  const received: [string[], string][] = [];
  await consume(name, {
    plainly: true,
    eachBatch: async ({ batch }) => {
      for (const message of batch.messages)
        received.push([Object.keys(message.headers ?? {}), String(message.headers?.['traceparent'])]);
    },
  });
  await vi.waitUntil(() => received.length === 3, { timeout: 20_000 });
  const traceparents = sent.slice(0, 3).map((span) => {
    const { traceId } = span.spanContext();
    return `00-${traceId}-${spanId(span)}-01`;
  });
  expect(received).toEqual([
    [['Tenant', 'list', 'traceparent'], traceparents[0]],
    [['Tenant', 'list', 'traceparent'], traceparents[1]],
    [['traceparent'], traceparents[2]],
  ]);
});

test('sending that fails fails as it would have, with the error on each span', async ({ skip }) => {
  const { kafka: client } = here(skip);
  const producer = traceKafkaJs(client).producer();
  await expect(producer.send({ topic: 'x', messages: [{ value: 'a' }, { value: 'b' }] })).rejects.toThrow(
    /disconnected/,
  );
  const spans = await collected.take(2);
  expect(spans.map((span) => span.attributes['error.type'])).toEqual(['KafkaJSError', 'KafkaJSError']);
  await expect(producer.send({ topic: 'x' } as never)).rejects.toThrow(/Invalid messages array/);
  await expect(producer.send({ topic: 'x', messages: [null as never] })).rejects.toThrow(/reading 'value'/);
  await expect(producer.sendBatch(undefined as never)).rejects.toThrow(TypeError);
  expect(collected.ended()).toBe(0);
});

test('a transaction is a span from its beginning to its end, with what is sent in it below', async ({
  skip,
}) => {
  const { topic, kafka: client, consume } = here(skip);
  const name = await topic();
  const producer = client.producer({ transactionalId: name, maxInFlightRequests: 1, idempotent: true });
  await producer.connect();
  for (const end of ['abort', 'commit'] as const) {
    const transaction = await producer.transaction();
    await transaction.send({ topic: name, messages: [{ value: end }] });
    await transaction[end]();
    const [whole, send] = await collected.take(2);
    expect([whole?.name, send?.name]).toEqual(['transaction', `send ${name}`]);
    expect(send?.parentSpanContext?.spanId).toBe(spanId(whole));
    await expect(transaction.commit()).rejects.toThrow(/once ended/);
  }
  const seen: string[] = [];
  await consume(name, { eachMessage: (value) => seen.push(value) });
  const [process] = await collected.take(1);
  expect(seen).toEqual(['commit']);
  expect(process?.parentSpanContext).toBeDefined();
  await producer.disconnect();
});
