// Publishes and subscribes with a client of Redis of the folder that CLIENT_FOLDER names, and prints what came.
import { trace } from '@opentelemetry/api';
import { publish, subscribe } from '@throughline/node';
import { createRequire } from 'node:module';

const load = createRequire(`${process.env.CLIENT_FOLDER}/`);
const url = process.env.REDIS_URL;

async function connected() {
  if (process.env.CLIENT === 'ioredis') {
    const { Redis } = load('ioredis');
    return [new Redis(url), new Redis(url)];
  }
  const clients = [1, 2].map(() => load('redis').createClient({ url }));
  for (const client of clients) await client.connect();
  return clients;
}

const [publisher, subscriber] = await connected();
const received = [];
let arrived;
const next = () => new Promise((resolve) => (arrived = resolve));
const note = (message, channel, span) => {
  received.push([String(message), channel, trace.getActiveSpan() === span]);
  arrived();
};

/** Sends in a span, and resolves when it has been handled. */
const sent = (send) =>
  trace.getTracer('application').startActiveSpan('order', async (span) => {
    const handled = next();
    await send();
    await handled;
    span.end();
  });

const one = await subscribe(subscriber, 'orders', note);
await sent(() => publish(publisher, 'orders', '{"order":7}'));
await sent(() => publisher.publish('orders', 'plain'));
await one.unsubscribe();
const many = await subscribe(subscriber, 'orders.*', note, { pattern: true });
await sent(() => publish(publisher, 'orders.a', 'hello', { envelope: 'go' }));
await many.unsubscribe();
const bytes = await subscribe(subscriber, 'orders', note, { buffers: true });
await sent(() => publish(publisher, 'orders', Buffer.from('bytes'), { envelope: 'wrap' }));
await bytes.unsubscribe();
received.push(await publish(publisher, 'orders', '{}'));
await publisher.quit();
await subscriber.quit();
console.log(JSON.stringify(received));
