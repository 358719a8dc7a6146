// Sends and handles messages with @platformatic/kafka, of the folder that PLATFORMATIC names, as applications do.
import { context, propagation, trace } from '@opentelemetry/api';
import { createRequire } from 'node:module';
import { setTimeout as sleep } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';

const entry = createRequire(`${process.env.PLATFORMATIC}/`).resolve('@platformatic/kafka');
const { Admin, Consumer, Producer, stringDeserializers, stringSerializers } = await import(
  pathToFileURL(entry)
);
const bootstrapBrokers = process.env.KAFKA_BROKERS.split(',');
const tracer = trace.getTracer('application');
const seen = {};

const admin = new Admin({ clientId: 'admin', bootstrapBrokers });
const strings = new Producer({ clientId: 'strings', bootstrapBrokers, serializers: stringSerializers });
const bytes = new Producer({ clientId: 'bytes', bootstrapBrokers });

async function topicOf(name) {
  const topic = `${name}.${process.pid}`;
  await admin.createTopics({ topics: [topic], partitions: 1, replicas: 1 });
  return topic;
}

async function streamOf(topic, deserializers = stringDeserializers) {
  const consumer = new Consumer({ clientId: topic, groupId: topic, bootstrapBrokers, deserializers });
  const stream = await consumer.consume({
    autocommit: true,
    topics: [topic],
    mode: 'earliest',
    sessionTimeout: 10000,
    heartbeatInterval: 500,
    maxWaitTime: 50,
  });
  const close = async () => {
    await stream.close();
    await consumer.close(true);
  };
  return { stream, close };
}

const inSpan = (name, act) =>
  tracer.startActiveSpan(name, async (span) => {
    try {
      return await act();
    } finally {
      span.end();
    }
  });
const handled = (message) => tracer.startSpan(`handled ${message.value}`).end();

async function loops() {
  const topic = await topicOf('loop');
  const headers = new Map([['tenant', 'blue']]);
  await inSpan('loop', async () => {
    const messages = ['a', 'b'].map((value) => ({ topic, key: 'k', value, headers }));
    await strings.send({ messages });
    await strings.send({ messages: [{ topic, value: 'c', headers: { TraceParent: 'old' } }] });
  });
  seen.untouched = [...headers];
  const { stream, close } = await streamOf(topic);
  seen.headers = [];
  for await (const message of stream) {
    await sleep(1);
    handled(message);
    seen.headers.push([...message.headers]);
    if (message.value === 'c') break;
  }
  await close();
}

async function listeners() {
  const topic = await topicOf('listener');
  const { stream, close } = await streamOf(topic, undefined);
  const text = (message) => ({ value: String(message.value) });
  const first = new Promise((resolve) => {
    stream.once('data', (message) => {
      handled({ value: `once ${text(message).value}` });
      const on = async (next) => {
        await sleep(1);
        handled(text(next));
        if (String(next.value) !== 'y') return;
        stream.off('data', on);
        seen.listeners = stream.listenerCount('data');
        resolve();
      };
      stream.on('data', on);
    });
  });
  // By callback, and by bytes.
  await inSpan('listener', () => {
    const active = trace.getActiveSpan();
    return new Promise((resolve, reject) => {
      bytes.send({ messages: [{ topic, value: Buffer.from('x') }] }, (error) => {
        seen.callback = trace.getActiveSpan() === active;
        if (error) reject(error);
        else resolve();
      });
    });
  });
  await inSpan('listener again', () => bytes.send({ messages: [{ topic, value: Buffer.from('y') }] }));
  await first;
  await close();
}

async function failures() {
  const unreachable = new Producer({ clientId: 'u', bootstrapBrokers: ['127.0.0.1:1'], retries: 0 });
  await inSpan('unreachable', () =>
    unreachable.send({ messages: [{ topic: 'x', value: Buffer.from('z') }] }),
  ).catch((error) => (seen.unreachable = error.message));
  await unreachable.close();
}

async function baggage() {
  const topic = await topicOf('baggage');
  const user = propagation.setBaggage(
    context.active(),
    propagation.createBaggage({ user: { value: 'ann' } }),
  );
  const send = (value) => context.with(user, () => strings.send({ messages: [{ topic, value }] }));
  await send('off');
  process.env.THROUGHLINE_MESSAGING_BAGGAGE = 'on';
  await send('on');
  delete process.env.THROUGHLINE_MESSAGING_BAGGAGE;
  const { stream, close } = await streamOf(topic);
  seen.baggage = [];
  for await (const message of stream) {
    seen.baggage.push(propagation.getActiveBaggage()?.getEntry('user')?.value ?? null);
    if (message.value === 'on') break;
  }
  await close();
}

await loops();
await listeners();
await failures();
await baggage();
for (const client of [admin, strings, bytes]) await client.close();
console.log(JSON.stringify(seen));
