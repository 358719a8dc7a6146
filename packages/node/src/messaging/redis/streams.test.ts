import { trace } from '@opentelemetry/api';
import { Redis } from 'ioredis';
import { randomUUID } from 'node:crypto';
import { createClient } from 'redis';
import { type Broker, redis } from 'throughline-brokers';
import { orMissing } from 'throughline-brokers/testing';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { inject } from '../propagate.ts';
import { traced } from '../testing/traced.ts';
import { tracePublish } from '../trace-publish.ts';
import { traceProcess } from '../trace-process.ts';

const collected = traced();
let broker: Broker | undefined;
let missing = '';
beforeAll(async () => {
  ({ broker, missing } = await orMissing(redis));
});
afterAll(() => broker?.stop());

/** Adds an entry to a stream, and resolves with the fields it is read with. */
type Passing = (url: string, stream: string) => Promise<unknown>;

const libraries: Record<string, Passing> = {
  'ioredis, a list of fields': async (url, stream) => {
    const client = new Redis(url);
    await tracePublish({ system: 'redis', destination: stream }, () =>
      client.xadd(stream, '*', ...inject(['order', '7'])),
    );
    const entries = await client.xread('STREAMS', stream, '0');
    await client.quit();
    return entries?.[0]?.[1][0]?.[1];
  },
  'node-redis, an object of fields': async (url, stream) => {
    const client = await createClient({ url }).connect();
    await tracePublish({ system: 'redis', destination: stream }, () =>
      client.xAdd(stream, '*', inject({ order: '7' })),
    );
    const entries = await client.xRange(stream, '-', '+');
    await client.close();
    return entries?.[0]?.message;
  },
};

for (const [name, pass] of Object.entries(libraries))
  test(`an entry of a stream carries the context among its fields: ${name}`, async ({ skip }) => {
    if (!broker) return skip(missing);
    const stream = `orders-${randomUUID()}`;
    const fields = await pass(broker.url, stream);
    expect(JSON.stringify(fields)).toContain('"7"');
    const active = traceProcess({ system: 'redis', destination: stream, carrier: fields }, () =>
      trace.getActiveSpan()?.spanContext(),
    );
    const spans = await collected.take(2);
    const sent = spans.find((span) => span.name === `send ${stream}`);
    const handled = spans.find((span) => span.name === `process ${stream}`);
    expect(handled?.parentSpanContext?.spanId).toBe(sent?.spanContext().spanId);
    expect(active?.spanId).toBe(handled?.spanContext().spanId);
  });
