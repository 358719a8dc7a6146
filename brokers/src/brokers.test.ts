import { spawn } from 'node:child_process';
import { Redis } from 'ioredis';
import { Kafka, logLevel } from 'kafkajs';
import { connect } from 'nats';
import { createInterface } from 'node:readline';
import { connect as dial } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { afterEach, expect, test, vi } from 'vitest';
import { kafka, nats, redis, startPostgres, startRabbitmq, startRedis } from './index.ts';
import { unlessMissing } from './testing/unless-missing.ts';

afterEach(() => vi.unstubAllEnvs());

test('a Redis answers until it is stopped', async ({ skip }) => {
  const broker = await unlessMissing(redis, skip);
  const client = new Redis(broker.url);
  expect(await client.ping()).toBe('PONG');
  await client.quit();
  await broker.stop();
  expect(await listens(broker.url)).toBe(false);
});

test('a NATS server answers until it is stopped', async ({ skip }) => {
  const broker = await unlessMissing(nats, skip);
  const client = await connect({ servers: broker.url });
  await client.flush();
  await client.close();
  await broker.stop();
  expect(await listens(broker.url)).toBe(false);
});

test('a Kafka takes and gives messages until it is stopped', { timeout: 90_000 }, async ({ skip }) => {
  const broker = await unlessMissing(kafka, skip);
  const client = new Kafka({ brokers: [broker.url], logLevel: logLevel.NOTHING });
  const consumer = client.consumer({ groupId: 'test' });
  const producer = client.producer();
  await producer.connect();
  await producer.send({ topic: 'first', messages: [{ value: 'hello' }] });
  await consumer.connect();
  await consumer.subscribe({ topic: 'first', fromBeginning: true });
  const received = new Promise((resolve) => {
    void consumer.run({ eachMessage: async ({ message }) => resolve(message.value?.toString()) });
  });
  expect(await received).toBe('hello');
  await consumer.disconnect();
  await producer.disconnect();
  await broker.stop();
  expect(await listens(`kafka://${broker.url}`)).toBe(false);
});

test('a PostgreSQL and a RabbitMQ listen until they are stopped', async ({ skip }) => {
  for (const start of [startPostgres, startRabbitmq]) {
    const server = await unlessMissing(start, skip);
    expect(await listens(server.url)).toBe(true);
    await server.stop();
    expect(await listens(server.url)).toBe(false);
  }
});

test('a broker that the environment names is used and left alone', async ({ skip }) => {
  const own = await unlessMissing(startRedis, skip);
  vi.stubEnv('REDIS_URL', own.url);
  const broker = await redis();
  expect(broker.url).toBe(own.url);
  await broker.stop();
  expect(await listens(own.url)).toBe(true);
  await own.stop();
});

test('a broker ends with the process that started it, in whatever way that ends', async ({ skip }) => {
  await unlessMissing(startRedis, skip).then((broker) => broker.stop());
  const script = `const { startRedis } = await import(${JSON.stringify(new URL('./index.ts', import.meta.url).href)});
    console.log((await startRedis()).url); setInterval(() => {}, 1000);`;
  const args = [...process.execArgv, '--input-type=module', '-e', script];
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  const lines = createInterface(child.stdout)[Symbol.asyncIterator]();
  const { value: url } = (await lines.next()) as { value: string };
  expect(await listens(url)).toBe(true);
  child.kill('SIGKILL');
  const deadline = Date.now() + 10_000;
  while ((await listens(url)) && Date.now() < deadline) await delay(20);
  expect(await listens(url)).toBe(false);
});

function listens(url: string): Promise<boolean> {
  const { hostname, port } = new URL(url);
  return new Promise((resolve) => {
    const socket = dial({ host: hostname, port: Number(port) });
    socket.once('connect', () => resolve(true)).once('error', () => resolve(false));
    socket.once('connect', () => socket.destroy());
  });
}
