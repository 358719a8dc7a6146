import { type Span, SpanKind, trace } from '@opentelemetry/api';
import type { ReadableSpan } from '@opentelemetry/sdk-trace';
import { randomUUID } from 'node:crypto';
import { type Broker, nats } from 'throughline-brokers';
import { orMissing } from 'throughline-brokers/testing';
import { type TestContext, afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { tree } from '../../testing/collected.ts';
import { traced } from '../testing/traced.ts';
import { PlainNats } from './nats-plain.test-kit.ts';
import { hookNats } from './nats.test-kit.ts';

hookNats();
const old = await import('nats');
const current = await import('@nats-io/transport-node');

const collected = traced();
let broker: Broker | undefined;
let missing = '';
beforeAll(async () => {
  ({ broker, missing } = await orMissing(nats));
});
afterAll(() => broker?.stop());

const utf8 = (data: Uint8Array): string => Buffer.from(data).toString();
const newSubject = (): string => `orders-${randomUUID()}`;
/** Spans as a tree whose names have no subject made up by a test in them. */
const drawn = (spans: readonly ReadableSpan[]): string => tree(spans).replaceAll(/orders-[\w-]+/g, 'orders');

// Of both libraries the tests use only what they have in common, as the older one declares it.
const libraries = { nats: old, '@nats-io/transport-node': current as unknown as typeof old };

for (const [library, { connect, headers, createInbox }] of Object.entries(libraries))
  describe(library, () => {
    let nc: Awaited<ReturnType<typeof connect>>;
    let plain: PlainNats;
    const here = (skip: TestContext['skip']): void => {
      if (!broker) skip(missing);
    };
    beforeAll(async () => {
      if (!broker) return;
      nc = await connect({ servers: broker.url });
      plain = await PlainNats.connect(broker.url);
    });
    afterAll(async () => {
      await nc?.close();
      plain?.close();
    });

    for (const noMux of [false, true])
      test(`a request is a span with its handling and its reply below it (noMux: ${noMux})`, async ({
        skip,
      }) => {
        here(skip);
        const subject = newSubject();
        const sub = nc.subscribe(subject, {
          queue: 'workers',
          callback: (_error, message) => {
            setImmediate(() => message.respond(`re: ${utf8(message.data)}`));
          },
        });
        const answer = await trace.getTracer('test').startActiveSpan('order', async (span) => {
          const message = await nc.request(subject, 'hello', { timeout: 5000, noMux });
          span.end();
          return message;
        });
        expect(utf8(answer.data)).toBe('re: hello');
        const spans = await collected.take(4);
        expect(drawn(spans)).toBe(`order
  request orders
    process orders
      reply (temporary)
`);
        const [request, process, reply] = ['request', 'process', 'reply'].map((operation) =>
          spans.find((span) => span.attributes['messaging.operation.name'] === operation),
        );
        expect([request, process, reply].map((span) => span?.kind)).toEqual([
          SpanKind.PRODUCER,
          SpanKind.CONSUMER,
          SpanKind.PRODUCER,
        ]);
        const { hostname, port } = new URL(broker?.url ?? '');
        expect(request?.attributes).toMatchObject({
          'messaging.system': 'nats',
          'messaging.destination.name': subject,
          'messaging.operation.name': 'request',
          'messaging.operation.type': 'send',
          'messaging.message.body.size': 5,
          'server.address': hostname,
          'server.port': Number(port),
        });
        expect(process?.attributes).toMatchObject({ 'messaging.consumer.group.name': 'workers' });
        expect(reply?.attributes).toMatchObject({ 'messaging.destination.temporary': true });
        expect(answer.headers?.get('traceparent')).toContain(reply?.spanContext().spanId);
        sub.unsubscribe();
      });

    test('a request that nobody answers, or not in time, fails as it would have, with the error on its span', async ({
      skip,
    }) => {
      here(skip);
      await expect(nc.request(newSubject(), 'x', { timeout: 5000 })).rejects.toThrow();
      const subject = newSubject();
      const sub = nc.subscribe(subject, { callback: () => {} });
      await expect(nc.request(subject, 'x', { timeout: 20 })).rejects.toThrow(/timeout/i);
      const spans = await collected.take(3);
      const requests = spans.filter((span) => span.kind === SpanKind.PRODUCER);
      expect(requests.map((span) => span.status.code)).toEqual([2, 2]);
      expect(() => nc.publish('', 'x')).toThrow();
      expect(() => nc.publish(subject, 7 as never)).toThrow(/payload|string|Uint8Array/i);
      await collected.take(2);
      sub.unsubscribe();
    });

    test('a request for many replies lasts until the last', async ({ skip }) => {
      here(skip);
      const subject = newSubject();
      const subs = [1, 2].map((n) =>
        nc.subscribe(subject, { callback: (_error, message) => void message.respond(`${n}`) }),
      );
      const replies = await nc.requestMany(subject, 'x', {
        maxWait: 5000,
        maxMessages: 2,
        strategy: 'count' as never,
      });
      const got: string[] = [];
      for await (const reply of replies) got.push(utf8(reply.data));
      expect(got.toSorted()).toEqual(['1', '2']);
      const spans = await collected.take(5);
      expect(drawn(spans)).toBe(`request orders
  process orders
    reply (temporary)
  process orders
    reply (temporary)
`);
      for (const sub of subs) sub.unsubscribe();
    });

    test('a reply to an inbox of one’s own is handled below the reply', async ({ skip }) => {
      here(skip);
      const [subject, inbox] = [newSubject(), createInbox()];
      const reply = new Promise<Span | undefined>((resolve) => {
        nc.subscribe(inbox, { max: 2, callback: () => resolve(trace.getActiveSpan()) });
      });
      nc.subscribe(subject, { max: 1, callback: (_error, message) => void message.respond('re') });
      nc.publish(subject, 'x', { reply: inbox });
      const active = await reply;
      const spans = await collected.take(4);
      expect(drawn(spans)).toBe(`publish orders
  process orders
    reply (temporary)
      process (temporary)
`);
      const handled = spans.find((span) => span.name === 'process (temporary)');
      expect(active?.spanContext().spanId).toBe(handled?.spanContext().spanId);
    });

    test('an answer where none is asked for is none', async ({ skip }) => {
      here(skip);
      const subject = newSubject();
      const answered = new Promise<boolean>((resolve) => {
        nc.subscribe(subject, { max: 1, callback: (_error, message) => resolve(message.respond('re')) });
      });
      nc.publish(subject, 'x');
      expect(await answered).toBe(false);
      expect(drawn(await collected.take(2))).toBe('publish orders\n  process orders\n');
    });

    test('a reply without a context, to an inbox of one’s own, makes no trace', async ({ skip }) => {
      here(skip);
      const inbox = createInbox();
      const reply = new Promise<string>((resolve) => {
        nc.subscribe(inbox, { max: 1, callback: (_error, message) => resolve(utf8(message.data)) });
      });
      await nc.flush();
      plain.publish(inbox, 'plain');
      expect(await reply).toBe('plain');
      nc.publish(newSubject(), 'x');
      expect(drawn(await collected.take(1))).toBe('publish orders\n');
    });

    test('a responder that knows nothing of tracing is asked with headers and answers without', async ({
      skip,
    }) => {
      here(skip);
      const subject = newSubject();
      let received = '';
      await plain.subscribe(subject, (payload, head, reply) => {
        received = `${head}${payload}`;
        plain.publish(reply, 'plain');
      });
      expect(utf8((await nc.request(subject, 'hello', { timeout: 5000 })).data)).toBe('plain');
      const [span] = await collected.take(1);
      const { traceId, spanId } = span?.spanContext() ?? {};
      expect(received).toBe(`NATS/1.0\r\ntraceparent: 00-${traceId}-${spanId}-01\r\n\r\nhello`);
    });

    test('headers go along as they are, and those of the caller stay as they were', async ({ skip }) => {
      here(skip);
      const subject = newSubject();
      const heads: string[] = [];
      await plain.subscribe(subject, (_payload, head) => heads.push(head));
      const own = headers();
      own.append('Tenant', 'blue');
      own.append('Tenant', 'green');
      own.append('TraceParent', 'old');
      nc.publish(subject, undefined, { headers: own });
      nc.publish(subject, new Uint8Array([1]), { headers: own, reply: newSubject() });
      await vi.waitUntil(() => heads.length === 2, { timeout: 10_000 });
      expect([...own].map(([name]) => name)).toEqual(['Tenant', 'TraceParent']);
      const spans = await collected.take(2);
      spans.forEach((span, index) => {
        const { traceId, spanId } = span.spanContext();
        expect(heads[index]).toBe(
          `NATS/1.0\r\nTenant: blue\r\nTenant: green\r\ntraceparent: 00-${traceId}-${spanId}-01\r\n\r\n`,
        );
      });
    });

    test('messages go without headers to a server that takes none', async ({ skip }) => {
      here(skip);
      const without = await connect({ servers: broker?.url ?? '' });
      Object.defineProperty(without, 'info', { value: { ...without.info, headers: false } });
      const subject = newSubject();
      const heads: string[] = [];
      await plain.subscribe(subject, (payload, head) => heads.push(`${head}${payload}`));
      without.publish(subject, 'bare');
      await vi.waitUntil(() => heads.length === 1, { timeout: 10_000 });
      expect(heads).toEqual(['bare']);
      await collected.take(1);
      await without.close();
    });

    test('a wildcard names the span, and the subject is told', async ({ skip }) => {
      here(skip);
      const prefix = newSubject();
      const sub = nc.subscribe(`${prefix}.*`, { callback: () => {} });
      nc.publish(`${prefix}.17`, 'x');
      const spans = await collected.take(2);
      const process = spans.find((span) => span.kind === SpanKind.CONSUMER);
      expect(process?.name).toBe(`process ${prefix}.*`);
      expect(process?.attributes).toMatchObject({
        'messaging.destination.name': `${prefix}.17`,
        'messaging.destination.template': `${prefix}.*`,
      });
      sub.unsubscribe();
    });

    test('the body of a loop runs in its message’s span, which ends with it; what follows the loop does not', async ({
      skip,
    }) => {
      here(skip);
      const subject = newSubject();
      const sub = nc.subscribe(subject);
      const bodies: (Span | undefined)[] = [];
      let detached: Promise<Span | undefined> | undefined;
      const loop = async (around: Span): Promise<void> => {
        for await (const message of sub) {
          const span = trace.getActiveSpan();
          expect(bodies.at(-1)?.isRecording() ?? false).toBe(false);
          bodies.push(span);
          await new Promise((resolve) => setImmediate(resolve));
          expect(trace.getActiveSpan()).toBe(span);
          expect(span?.isRecording()).toBe(true);
          if (utf8(message.data) === '2') detached = later();
          if (utf8(message.data) === '3') break;
        }
        expect(trace.getActiveSpan()).toBe(around);
        around.end();
      };
      const later = (): Promise<Span | undefined> =>
        new Promise((resolve) => setTimeout(() => resolve(trace.getActiveSpan()), 20));
      const looping = trace.getTracer('test').startActiveSpan('around', loop);
      for (const n of ['1', '2', '3']) nc.publish(subject, n);
      await looping;
      expect(await detached).toBe(bodies[1]);
      const processed = (await collected.take(7)).filter((span) => span.kind === SpanKind.CONSUMER);
      expect(new Set(processed.map((span) => span.spanContext().spanId))).toEqual(
        new Set(bodies.map((span) => span?.spanContext().spanId)),
      );
    });

    test('what is begun beside a loop is in none of its spans once its first message is handled', async ({
      skip,
    }) => {
      here(skip);
      const subject = newSubject();
      const sub = nc.subscribe(subject, { max: 2 });
      const loop = async (): Promise<void> => {
        for await (const _message of sub) await new Promise((resolve) => setImmediate(resolve));
      };
      const looping = loop();
      const beside = looping.then(() => trace.getActiveSpan());
      nc.publish(subject, '1');
      nc.publish(subject, '2');
      expect(await beside).toBeUndefined();
      await collected.take(4);
    });
  });
