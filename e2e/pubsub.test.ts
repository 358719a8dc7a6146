import { Redis } from 'ioredis';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Broker, startRedis } from 'throughline-brokers';
import { orMissing } from 'throughline-brokers/testing';
import { afterAll, afterEach, beforeAll, expect, test as plainTest } from 'vitest';
import { eventually } from './support/eventually.ts';
import { freePort } from './support/free-port.ts';
import { otlpSink } from './support/otlp-sink.ts';
import { Process, type Stats, configOf, hello, serverTree, startRole, treeByName } from './support/pubsub.ts';
import { type SeenSpan, spanNamed, traceOnce } from './support/telemetry-receiver.ts';
import type { Throughline } from './support/throughline.ts';

let redis: Broker | undefined;
let missing: string;
const closing: (() => unknown)[] = [];

beforeAll(async () => {
  ({ broker: redis, missing } = await orMissing(startRedis));
});
afterEach(async () => {
  for (const close of closing.splice(0).toReversed()) await close();
});
afterAll(() => redis?.stop());

const test = (name: string, body: () => Promise<void>) =>
  plainTest(name, { timeout: 60_000 }, async (context) => {
    if (!redis) return context.skip(missing);
    await body();
  });

async function sink() {
  const receiver = await otlpSink();
  closing.push(() => receiver.close());
  return { ...receiver, url: receiver.environment['OTEL_EXPORTER_OTLP_ENDPOINT']! };
}

async function start(name: 'client' | 'server' | 'worker', env: Record<string, string>): Promise<Process> {
  const process = await Process.start(name, { REDIS_URL: redis!.url, ...env });
  closing.push(() => process.stop());
  return process;
}

/** Server and worker that send straight to a sink. */
async function services(more: { server?: Record<string, string>; worker?: Record<string, string> } = {}) {
  const receiver = await sink();
  const OTEL_AGENT_URL = receiver.url;
  const [server, worker] = await Promise.all([
    start('server', { OTEL_AGENT_URL, ...more.server }),
    start('worker', { OTEL_AGENT_URL, ...more.worker }),
  ]);
  await worker.said(/^listening$/);
  return { receiver, server, worker, url: await server.url() };
}

/** Agent and collector as the files of the example say, two sinks behind them, and what is needed to do it again. */
async function chain() {
  const [one, two] = [await sink(), await sink()];
  const folder = mkdtempSync(join(tmpdir(), 'pubsub-'));
  closing.push(() => rmSync(folder, { recursive: true, force: true }));
  const [AGENT_PORT, COLLECTOR_PORT] = [String(await freePort()), String(await freePort())];
  const env = {
    AGENT_PORT,
    COLLECTOR_PORT,
    COLLECTOR_URL: `http://127.0.0.1:${COLLECTOR_PORT}`,
    BACKEND_1_URL: one.url,
    BACKEND_2_URL: two.url,
  };
  const begin = async (role: 'agent' | 'collector', config = configOf(role)): Promise<Throughline> => {
    const program = await startRole(role, env, { config, dataDirectory: join(folder, role) });
    closing.push(() => program.stop());
    return program;
  };
  return {
    one,
    two,
    begin,
    agent: await begin('agent'),
    collector: await begin('collector'),
    OTEL_AGENT_URL: `127.0.0.1:${AGENT_PORT}`,
  };
}

const whole = ({ spans }: { spans: SeenSpan[] }): boolean => spans.length === 7;

const statsOf = async (url: string): Promise<Stats> =>
  (await (await fetch(new URL('/stats', url))).json()) as Stats;

/** Listens to the channel as one who knows nothing of tracing does, or publishes as one who does it his own way. */
async function redisClient(): Promise<Redis> {
  const client = new Redis(redis!.url);
  closing.push(() => client.disconnect());
  await client.ping();
  return client;
}

test('a request by hand begins at the server, and the worker has its part', async () => {
  const { receiver, url } = await services();
  const { status, traceId } = await hello(url);
  expect(status).toBe(200);
  const { spans } = await traceOnce(receiver, traceId, whole);
  expect(treeByName(spans)).toBe(serverTree);
});

test('the message in Redis is the envelope of the original', async () => {
  const { url } = await services();
  const client = await redisClient();
  const messages: string[] = [];
  client.on('message', (_channel, message: string) => messages.push(message));
  await client.subscribe('work');
  const { traceId } = await hello(url);
  await eventually(async () => messages.length > 0);
  expect(messages).toEqual([
    expect.stringMatching(
      new RegExp(
        `^\\{"Body":"hello, world","Header":\\{"Traceparent":\\["00-${traceId}-[0-9a-f]{16}-0[13]"\\]\\}\\}$`,
      ),
    ),
  ]);
});

test('the worker goes on with a context however it is spelt, and begins a trace where there is none', async () => {
  const { receiver } = await services();
  const client = await redisClient();
  const parent = (each: number) => `00-${'ab'.repeat(15)}0${each}-${'cd'.repeat(7)}0${each}-01`;
  const headers: unknown[] = [
    { Traceparent: [parent(0)] },
    { traceparent: [parent(1)] },
    { Traceparent: parent(2) },
    { traceparent: parent(3) },
    // As Go's JSON encoder writes it, with what else a request carries.
    { 'Content-Type': ['text/plain'], Traceparent: [parent(4)], Tracestate: ['go=1'] },
    null,
    {},
    { Traceparent: ['nonsense'] },
  ];
  for (const Header of headers) await client.publish('work', JSON.stringify({ Body: 'by hand', Header }));
  await client.publish('work', 'no envelope at all');
  await eventually(async () => receiver.all.spans.filter(({ name }) => name === 'work').length === 9);
  const seen = receiver.all.spans.filter(({ name }) => name === 'work');
  for (let each = 0; each < 5; each++) {
    const { traceId, parentSpanId } = seen.find((span) => span.traceId === parent(each).slice(3, 35))!;
    expect(`00-${traceId}-${parentSpanId}-01`).toBe(parent(each));
  }
  expect(seen.filter(({ parentSpanId }) => parentSpanId === undefined)).toHaveLength(4);
});

test('baggage goes into the envelope where that is asked for', async () => {
  const asked = { server: { THROUGHLINE_MESSAGING_BAGGAGE: 'on' } };
  const { receiver, url } = await services(asked);
  const { traceId } = await hello(url, { baggage: 'username=donuts' });
  const { spans } = await traceOnce(receiver, traceId, whole);
  for (const name of ['handle request', 'work'])
    expect(spanNamed(spans, name).events).toMatchObject([
      { name: 'reading username baggage...', attributes: { username: 'donuts' } },
    ]);
});

test('a backend is taken out of the collector alone; no service has to know', async () => {
  const { one, two, collector, begin, OTEL_AGENT_URL } = await chain();
  const [server, worker] = [
    await start('server', { OTEL_AGENT_URL }),
    await start('worker', { OTEL_AGENT_URL }),
  ];
  await worker.said(/^listening$/);
  const url = await server.url();
  const first = await hello(url);
  for (const receiver of [one, two]) {
    const { spans } = await traceOnce(receiver, first.traceId, whole);
    expect(treeByName(spans)).toBe(serverTree);
  }
  await collector.stop();
  await begin(
    'collector',
    configOf('collector').replaceAll('[otlp_http/one, otlp_http/two]', '[otlp_http/one]'),
  );
  const second = await hello(url);
  expect((await traceOnce(one, second.traceId, whole)).spans).toHaveLength(7);
  expect((await two.trace(second.traceId)).spans).toEqual([]);
  expect([server.running, worker.running]).toEqual([true, true]);
});

test('while the collector is away the agent keeps what comes, and loses none of it', async () => {
  const { one, two, collector, begin, OTEL_AGENT_URL } = await chain();
  const [server, worker] = [
    await start('server', { OTEL_AGENT_URL }),
    await start('worker', { OTEL_AGENT_URL }),
  ];
  await worker.said(/^listening$/);
  const url = await server.url();
  await collector.kill();
  const asked: string[] = [];
  const until = performance.now() + 3000;
  while (performance.now() < until) asked.push((await hello(url)).traceId);
  expect(asked.length).toBeGreaterThan(5);
  expect((await one.trace(asked[0]!)).spans).toEqual([]);
  await eventually(async () => (await statsOf(url)).pending === 0);
  await begin('collector');
  for (const receiver of [one, two])
    for (const traceId of asked) expect((await traceOnce(receiver, traceId, whole)).spans).toHaveLength(7);
  expect((await statsOf(url)).dropped).toBe(0);
});

test('while the agent is away requests are answered all the same, and it is counted what waits', async () => {
  const { one, agent, begin, OTEL_AGENT_URL } = await chain();
  const [server, worker] = [
    await start('server', { OTEL_AGENT_URL }),
    await start('worker', { OTEL_AGENT_URL }),
  ];
  await worker.said(/^listening$/);
  const url = await server.url();
  expect((await hello(url)).status).toBe(200);
  await agent.kill();
  const asked = [await hello(url), await hello(url)];
  expect(asked.map(({ status }) => status)).toEqual([200, 200]);
  await eventually(async () => {
    const { pending, started, exported, dropped } = await statsOf(url);
    expect(started).toBe(exported + dropped + pending);
    return pending >= 2 * 6;
  });
  await eventually(async () => /cannot export/.test(server.stderr), 15_000);
  await begin('agent');
  for (const { traceId } of asked) await traceOnce(one, traceId, whole);
  expect(await statsOf(url)).toMatchObject({ pending: 0, dropped: 0 });
  expect(server.stderr).toMatch(/exporting spans again after .* s; none were lost\n$/);
});

test('without a worker a trace has no work in it, and nothing waits for any', async () => {
  const { receiver, worker, url } = await services();
  await worker.stop();
  const { status, traceId } = await hello(url);
  expect(status).toBe(200);
  const { spans } = await traceOnce(receiver, traceId, (received) => received.spans.length === 6);
  expect(treeByName(spans)).toBe(serverTree.replace(/ *worker: work\n/, ''));
  expect(spans.filter(({ error }) => error)).toEqual([]);
});

test('without Redis the answer is 500 and the publishing is in error, until it is back', async () => {
  const own = await startRedis();
  closing.push(() => own.stop());
  const env = { REDIS_URL: own.url };
  const { receiver, url, worker } = await services({ server: env, worker: env });
  expect((await hello(url)).status).toBe(200);
  await own.stop();
  const { status, traceId } = await hello(url);
  expect(status).toBe(500);
  const { spans } = await traceOnce(receiver, traceId, (received) => received.spans.length === 6);
  expect(spanNamed(spans, 'broker publish').error).toBe(true);
  expect(spanNamed(spans, 'broker publish').events.map(({ name }) => name)).toEqual(['exception']);
  expect(spanNamed(spans, '/hello').attributes['http.response.status_code']).toBe(500);

  const again = await startRedis({ port: Number(new URL(own.url).port) });
  closing.push(() => again.stop());
  await eventually(async () => {
    const answer = await hello(url);
    if (answer.status !== 200) return false;
    const { spans: some } = await traceOnce(receiver, answer.traceId, (seen) => seen.spans.length >= 6);
    return some.length >= 6;
  });
  const before = worker.log().length;
  await eventually(async () => (await hello(url)).status === 200 && worker.log().length > before);
});

test('server and worker wait for Redis, the client for the server, and each goes on at once', async () => {
  const receiver = await sink();
  const OTEL_AGENT_URL = receiver.url;
  const port = await freePort();
  const SERVER_PORT = String(await freePort());
  const env = { OTEL_AGENT_URL, REDIS_URL: `redis://127.0.0.1:${port}/0` };
  const server = await start('server', { ...env, SERVER_PORT });
  const worker = await start('worker', env);
  const client = await start('client', {
    OTEL_AGENT_URL,
    SERVER_URL: `http://127.0.0.1:${SERVER_PORT}/hello`,
    REQUESTS: '1',
  });
  // All three are up, and none has given up or gone on.
  await sleep(1500);
  expect([server, worker, client].map((each) => [each.running, each.stdout])).toEqual(
    Array(3).fill([true, '']),
  );
  const late = await startRedis({ port });
  closing.push(() => late.stop());
  expect(await client.exited).toEqual({ code: 0, signal: null });
  const wait = spanNamed(receiver.all.spans, 'wait for server');
  const first = spanNamed(receiver.all.spans, 'make request');
  expect(Number(wait.end - wait.start) / 1e6).toBeGreaterThan(500);
  expect(Number(first.start - wait.end) / 1e6).toBeLessThan(1000);
  expect(wait.events).toMatchObject([
    { name: expect.stringMatching(/^tried \d+ times whether the server is up$/) },
  ]);
});

test('the client waits blindly where that is asked for, as the original did', async () => {
  const { receiver, url } = await services();
  const client = await start('client', {
    OTEL_AGENT_URL: receiver.url,
    SERVER_URL: url,
    REQUESTS: '1',
    BLIND_WAIT_MS: '1000',
  });
  await client.exited;
  const wait = spanNamed(receiver.all.spans, 'wait for server');
  expect(Number(wait.end - wait.start) / 1e6).toBeGreaterThanOrEqual(999);
  expect(wait.events).toMatchObject([{ name: 'slept for 1 seconds, to wait for server to come up' }]);
});

test('no span is open when a service has ended: subscribing is a short trace, not an endless one', async () => {
  const { receiver, url, server, worker } = await services();
  for (let each = 0; each < 3; each++) await hello(url);
  for (const ended of [await server.stop(), await worker.stop()])
    expect(ended).toMatchObject({ started: ended?.ended, exported: ended?.started, pending: 0, dropped: 0 });
  const subscribing = spanNamed(receiver.all.spans, 'broker subscribe');
  const { spans } = await receiver.trace(subscribing.traceId);
  expect(treeByName(spans)).toBe(
    `worker: broker subscribe
  worker: redis.dial
  worker: redis.with_reader
  worker: redis.with_writer
`,
  );
  expect(Number(subscribing.end - subscribing.start) / 1e6).toBeLessThan(2000);
});

for (const [name, wanted] of [
  ['client', ['OTEL_AGENT_URL', 'SERVER_URL']],
  ['server', ['OTEL_AGENT_URL', 'REDIS_URL']],
  ['worker', ['OTEL_AGENT_URL', 'REDIS_URL']],
] as const)
  for (const variable of wanted)
    test(`${name} says in one line that it needs ${variable}`, async () => {
      const all = { OTEL_AGENT_URL: 'localhost:1', REDIS_URL: redis!.url, SERVER_URL: 'http://localhost:1/' };
      const process = await Process.start(name, { ...all, [variable]: '' });
      expect(await process.exited).toEqual({ code: 1, signal: null });
      expect(process.stderr).toMatch(new RegExp(`^${variable} is not set; for example ${variable}=\\S+\n$`));
    });
