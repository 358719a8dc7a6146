import { Kafka, logLevel } from 'kafkajs';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Broker, kafka, startKafka } from 'throughline-brokers';
import { orMissing } from 'throughline-brokers/testing';
import { afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { eventually } from './support/eventually.ts';
import { type Ini, Ituna } from './support/ituna.ts';
import { otlpSink } from './support/otlp-sink.ts';
import { type SeenSpan, durationMs, spanNamed, treeOf } from './support/telemetry-receiver.ts';

let broker: Broker | undefined;
let missing: string;
let sink: Awaited<ReturnType<typeof otlpSink>>;
const ended: (() => Promise<unknown>)[] = [];

beforeAll(async () => {
  ({ broker, missing } = await orMissing(kafka));
  return () => broker?.stop();
}, 90_000);
beforeEach(async ({ skip }) => {
  if (!broker) return skip(missing);
  sink = await otlpSink();
  ended.push(() => sink.close());
});
afterEach(async () => {
  for (const end of ended.splice(0).toReversed()) await end();
});

async function prepare(ini: Ini = {}, env: Record<string, string> = {}): Promise<Ituna> {
  const ituna = await Ituna.prepare((broker as Broker).url, { ...sink.environment, ...env }, ini);
  ended.push(() => ituna.stop());
  return ituna;
}

/** The spans of the first trace that begins with `name` and has come as far as `count` spans. */
async function traceOf(name: string, count: number, orderId?: string): Promise<SeenSpan[]> {
  let found: SeenSpan[] = [];
  const complete = async (): Promise<boolean> => {
    const begins = sink.all.spans.filter(
      (span) => span.name === name && (orderId === undefined || span.attributes['order.id'] === orderId),
    );
    const traces = begins.map(({ traceId }) => sink.all.spans.filter((span) => span.traceId === traceId));
    found = traces.find((spans) => spans.length >= count) ?? [];
    return found.length > 0;
  };
  await eventually(complete, 20_000);
  return found.toSorted((a, b) => Number(a.start - b.start));
}

/** Puts messages into a topic as somebody else would. */
async function put(topic: string, ...values: string[]): Promise<void> {
  const client = new Kafka({ brokers: [(broker as Broker).url], logLevel: logLevel.NOTHING });
  const producer = client.producer();
  await producer.connect();
  await producer.send({ topic, messages: values.map((value) => ({ value })) });
  await producer.disconnect();
}

async function firstMessage(topic: string): Promise<Record<string, unknown>> {
  const client = new Kafka({ brokers: [(broker as Broker).url], logLevel: logLevel.NOTHING });
  const consumer = client.consumer({ groupId: `test-${topic}` });
  const admin = client.admin();
  await admin.connect();
  await admin.createTopics({ topics: [{ topic }] });
  await admin.disconnect();
  await consumer.connect();
  await consumer.subscribe({ topic, fromBeginning: true });
  const value = await new Promise<string>((resolve) => {
    void consumer.run({ eachMessage: async ({ message }) => resolve(String(message.value)) });
  });
  await consumer.disconnect();
  return JSON.parse(value) as Record<string, unknown>;
}

describe('the ituna example', { timeout: 60_000 }, () => {
  test('traces orders of all three sources, from one command that ends with all processes', async () => {
    const ituna = await prepare();
    ituna.startAll();
    expect(treeOf(await traceOf('main-website-order', 6))).toBe(`website-ordering: main-website-order
  order-validation: main-order-validation
    order-validation: address_validation
    order-validation: name_validation
    order-validation: inventory_validation
  kitchen-service: main-kitchen
`);
    expect(treeOf(await traceOf('main-onsite-order', 6))).toBe(`onsite-ordering: main-onsite-order
  order-validation: main-order-validation
    order-validation: address_validation
    order-validation: name_validation
    order-validation: inventory_validation
  kitchen-service: main-kitchen
`);
    expect(treeOf(await traceOf('main-direct-order', 2))).toBe(`direct-kitchen-ordering: main-direct-order
  kitchen-service: main-kitchen
`);
    expect(await ituna.end('run')).toBe(0);
  });

  test('runs the same without tracing, and then no message carries a context', async () => {
    const ituna = await prepare();
    ituna.startAll('--no-tracing');
    await eventually(async () => ituna.log('Your order is ready').length >= 3, 20_000);
    expect(await firstMessage(ituna.topics.kitchen)).not.toHaveProperty('carrier');
    expect(await ituna.end('run')).toBe(0);
    expect(sink.all).toEqual({ spans: [], logs: [] });
    expect(ituna.log('WARNING')).toEqual([]);
  });

  test('puts the kitchen under the validation when the context is passed on in a chain', async () => {
    const ituna = await prepare({ tracing: { 'kitchen-parent': 'chain' } });
    ituna.start();
    expect(treeOf(await traceOf('main-website-order', 6))).toBe(`website-ordering: main-website-order
  order-validation: main-order-validation
    order-validation: address_validation
    order-validation: name_validation
    order-validation: inventory_validation
    kitchen-service: main-kitchen
`);
  });

  test('shows each piece of work as long as it is set, and the one that is slow', async () => {
    const ituna = await prepare({ 'simulated-delays': { 'order-validation-inventory': 1500 } });
    ituna.start('kitchen-service', 'order-validation', 'website-ordering');
    const spans = await traceOf('main-website-order', 6);
    const set = {
      'main-website-order': 200,
      address_validation: 40,
      name_validation: 30,
      inventory_validation: 1500,
      'main-order-validation': 40 + 30 + 1500 + 20,
      'main-kitchen': 50,
    };
    for (const [name, ms] of Object.entries(set)) {
      const took = durationMs(spanNamed(spans, name));
      expect(took, name).toBeGreaterThan(ms - 2);
      // The machine may be busy with other tests.
      expect(took, name).toBeLessThan(ms * 1.1 + 400);
    }
  });

  test('starts what follows an order after the order itself has ended', async () => {
    const ituna = await prepare();
    ituna.start();
    const spans = await traceOf('main-onsite-order', 6);
    const order = spanNamed(spans, 'main-onsite-order');
    const validation = spanNamed(spans, 'main-order-validation');
    expect(validation.remoteParent).toBe(true);
    expect(spanNamed(spans, 'main-kitchen').start).toBeGreaterThan(validation.start);
    // The acknowledgement and the message race; what is sure is that the work goes on after it.
    expect(validation.end).toBeGreaterThan(order.end);
    expect(spanNamed(spans, 'main-kitchen').start).toBeGreaterThan(order.end);
  });

  test('logs five lines of an order that is validated and three of one that is not, in order', async () => {
    const ituna = await prepare();
    ituna.start();
    const validated = String((await traceOf('main-website-order', 6))[0]?.attributes['order.id']);
    const direct = String((await traceOf('main-direct-order', 2))[0]?.attributes['order.id']);
    expect(ituna.log(validated)).toEqual([
      `website-ordering - INFO - Placing an online order with id ${validated}`,
      `order-validation - INFO - Received order ${validated} for validation`,
      `order-validation - INFO - Validated and republished order for kitchen: ${validated}`,
      `kitchen-service - INFO - Received order ${validated} for processing`,
      expect.stringMatching(
        `kitchen-service - INFO - Your order is ready. Please enjoy your .* and other food! - Order id = ${validated}`,
      ),
    ]);
    expect(ituna.log(direct)).toHaveLength(3);
    const [line] = sink.all.logs.filter(({ body }) => body === `Received order ${validated} for processing`);
    expect(line?.traceId).toBe((await traceOf('main-website-order', 6, validated))[0]?.traceId);
  });

  test('sends orders as JSON whose carrier is a text that names the ordering span', async () => {
    const ituna = await prepare();
    ituna.start('website-ordering');
    const message = await firstMessage(ituna.topics.initial);
    expect(message).toEqual({
      order_id: expect.stringMatching(/^[0-9a-f-]{36}$/),
      customer_id: expect.stringMatching(/^[0-9a-f-]{36}$/),
      order_details: expect.any(Object),
      address: expect.stringMatching(/, CA \d{5}$/),
      carrier: expect.any(String),
    });
    const [span] = await traceOf('main-website-order', 1, message['order_id'] as string);
    expect(JSON.parse(message['carrier'] as string)).toEqual({
      traceparent: expect.stringMatching(new RegExp(`^00-${span?.traceId}-${span?.spanId}-0[13]$`)),
    });
  });

  test.each([
    ['no carrier', {}],
    ['a broken carrier', { carrier: '{"traceparent": "00-yes-no"' }],
    ['a carrier with nothing in it', { carrier: '{}' }],
    ['a carrier that is no text', { carrier: 7 }],
    ['further fields', { tip: { euros: 3 }, carrier: '' }],
  ])('cooks an order with %s, in a new trace and with one warning', async (_what, fields) => {
    const ituna = await prepare();
    ituna.start('kitchen-service');
    const order = { order_id: 'o-1', customer_id: 'c-1', order_details: { 'TUNA MAKI': 1 }, ...fields };
    await put(ituna.topics.kitchen, JSON.stringify(order));
    const [span, ...others] = await traceOf('main-kitchen', 1, 'o-1');
    expect(others).toEqual([]);
    expect(span?.parentSpanId ?? '').toBe('');
    expect(ituna.log('WARNING')).toEqual([
      'kitchen-service - WARNING - Order o-1 carries no context: a new trace begins',
    ]);
    expect(ituna.log('Your order is ready. Please enjoy your TUNA MAKI')).toHaveLength(1);
  });

  test('goes on after a message that is no order', async () => {
    const ituna = await prepare();
    ituna.start('kitchen-service');
    const noDetails = JSON.stringify({ order_id: 'o-1', order_details: null });
    const nothing = JSON.stringify({ order_id: 'o-2', order_details: {} });
    await put(ituna.topics.kitchen, 'null', '{"half', noDetails, nothing);
    await traceOf('main-kitchen', 1, 'o-2');
    expect(ituna.log('is no order')).toHaveLength(3);
    expect(ituna.log('Please enjoy your nothing')).toHaveLength(1);
  });

  test('cooks the orders that waited while the kitchen was dead, in their old traces', async () => {
    const ituna = await prepare({ ordering: { 'pause-ms': 100_000 } });
    ituna.start('kitchen-service', 'direct-kitchen-ordering');
    await traceOf('main-direct-order', 2);
    await ituna.end('kitchen-service', 'SIGKILL');
    await ituna.end('direct-kitchen-ordering');
    sink.all.spans.length = 0;
    ituna.start('direct-kitchen-ordering');
    const [order] = await traceOf('main-direct-order', 1);
    ituna.start('kitchen-service');
    const spans = await traceOf('main-direct-order', 2);
    expect(spanNamed(spans, 'main-kitchen').parentSpanId).toBe(order?.spanId);
    expect(spanNamed(spans, 'main-kitchen').start - (order?.end ?? 0n)).toBeGreaterThan(0n);
  });

  test('ends the ordering span in error when the broker is gone, and does not call it placed', async () => {
    const own = await startKafka();
    const ituna = await Ituna.prepare(own.url, sink.environment, { queue: { 'ack-timeout-ms': 1500 } });
    ended.push(() => ituna.stop());
    ituna.start('website-ordering');
    await traceOf('main-website-order', 1);
    await own.stop();
    let failed: SeenSpan | undefined;
    await eventually(async () => {
      failed = sink.all.spans.find(({ error }) => error);
      return failed !== undefined;
    }, 20_000);
    expect(failed).toMatchObject({ name: 'main-website-order', message: expect.stringMatching(/./) });
    expect(failed?.events.map(({ name }) => name)).toEqual(['exception']);
    const lines = ituna.log();
    const failure = lines.findIndex((line) => line.includes(' - ERROR - '));
    expect(lines[failure - 1]).toContain(
      `Placing an online order with id ${String(failed?.attributes['order.id'])}`,
    );
  });

  test('places orders at a regular pace', async () => {
    const ituna = await prepare();
    ituna.start('website-ordering', 'direct-kitchen-ordering');
    const starts = (name: string): number[] =>
      sink.all.spans.filter((span) => span.name === name).map(({ start }) => Number(start) / 1e6);
    const many = async (): Promise<boolean> =>
      starts('main-website-order').length >= 4 && starts('main-direct-order').length >= 4;
    await eventually(many, 20_000);
    const period = (name: string): number => {
      const [, first = 0, second = 0, third = 0] = starts(name).toSorted((a, b) => a - b);
      return (third - first) / 2 || second;
    };
    expect(period('main-website-order')).toBeGreaterThan(495);
    expect(period('main-direct-order')).toBeGreaterThan(period('main-website-order'));
  });

  test('is one service of internal spans when it is set to be as the original', async () => {
    const ituna = await prepare({ tracing: { 'service-names': 'one', kinds: 'internal' } });
    ituna.start();
    const spans = await traceOf('main-website-order', 6);
    expect(new Set(spans.map(({ service }) => service))).toEqual(new Set(['ituna-tracing']));
    expect(spans.every(({ attributes }) => !('messaging.system' in attributes))).toBe(true);
  });

  test('writes its traces to a file instead, one export a line', async () => {
    const ituna = await prepare();
    await ituna.stop();
    const file = join(ituna.folder, '..', `ituna-traces-${process.pid}.jsonl`);
    const writing = await prepare({}, { ITUNA_TRACE_FILE: file });
    writing.start();
    const names = (): string[] => {
      if (!existsSync(file)) return [];
      return readFileSync(file, 'utf8')
        .split('\n')
        .filter((line) => line)
        .flatMap((line) => JSON.stringify(JSON.parse(line)).match(/(?<="name":")main-[a-z-]+/g) ?? []);
    };
    const all = ['main-website-order', 'main-onsite-order', 'main-direct-order', 'main-order-validation'];
    await eventually(async () => all.every((name) => names().includes(name)), 20_000);
    expect(sink.all.spans).toEqual([]);
  });

  test('says which setting makes no sense, and does not start', async () => {
    const ituna = await prepare({ 'simulated-delays': { 'kitchen-service': 'long' } });
    ituna.start('kitchen-service');
    expect(await ituna.exit('kitchen-service')).toBe(1);
  });
});
