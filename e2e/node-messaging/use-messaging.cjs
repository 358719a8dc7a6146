// Sends one message over every messaging library as an application does, inside a span named after it, and makes a span
// `handled` where it is handled.
const { trace } = require('@opentelemetry/api');

const tracer = trace.getTracer('application');
const utf8 = (data) => Buffer.from(data).toString();

/** Resolves when `act` has, and the message was handled by what it is given. */
async function sendIn(name, act) {
  const handled = Promise.withResolvers?.() ?? withResolvers();
  const handle = (text) => {
    tracer.startSpan('handled', { attributes: { text } }).end();
    handled.resolve();
  };
  await tracer.startActiveSpan(name, async (span) => {
    await act(handle);
    span.end();
  });
  await handled.promise;
}

function withResolvers() {
  const all = {};
  all.promise = new Promise((resolve) => (all.resolve = resolve));
  return all;
}

async function loop(messages, handle) {
  for await (const message of messages) {
    await new Promise(setImmediate);
    handle(utf8(message.data));
    return message;
  }
}

async function natsMessages(name, connect, jetStreamOf) {
  const nc = await connect({ servers: process.env.NATS_URL });
  await sendIn(`${name} callback`, (handle) => {
    nc.subscribe(`${name}.callback`, { max: 1, callback: (_error, message) => handle(utf8(message.data)) });
    nc.publish(`${name}.callback`, 'hello');
  });
  await sendIn(`${name} loop`, (handle) => {
    void loop(nc.subscribe(`${name}.loop`), handle);
    nc.publish(`${name}.loop`, 'hello');
  });
  await sendIn(`${name} request`, async (handle) => {
    nc.subscribe(`${name}.request`, {
      max: 1,
      callback: (_error, message) => {
        handle(utf8(message.data));
        message.respond('hello');
      },
    });
    await nc.request(`${name}.request`, 'hello', { timeout: 5000 });
  });
  const { js, manager } = await jetStreamOf(nc);
  await manager.streams.add({ name, subjects: [`${name}.stream`] });
  await manager.consumers.add(name, { durable_name: 'billing', ack_policy: 'explicit' });
  await sendIn(`${name} jetstream`, async (handle) => {
    await js.publish(`${name}.stream`, 'hello');
    const consumer = await js.consumers.get(name, 'billing');
    const message = await loop(await consumer.consume(), handle);
    message.ack();
  });
  await nc.drain();
}

async function redisMessages(name, publisher, subscriber) {
  const { publish, subscribe } = await import('@throughline/node');
  await sendIn(name, async (handle) => {
    await subscribe(subscriber, name, handle);
    await publish(publisher, name, '{"hello":1}');
  });
}

async function kafkaMessages(Kafka) {
  const brokers = process.env.KAFKA_BROKERS.split(',');
  const kafka = new Kafka({ brokers, logLevel: 0 });
  const producer = kafka.producer({ createPartitioner: () => () => 0 });
  await producer.connect();
  const topic = `orders.${process.pid}`;
  const consumers = ['message', 'batch'].map((groupId) =>
    kafka.consumer({ groupId: `${groupId}.${topic}`, maxWaitTimeInMs: 50 }),
  );
  const [one, batch] = consumers;
  for (const consumer of consumers) await consumer.connect();
  await sendIn('kafkajs', async (handle) => {
    await producer.send({ topic, messages: [{ value: 'hello' }] });
    await one.subscribe({ topic, fromBeginning: true });
    await one.run({ eachMessage: async ({ message }) => handle(utf8(message.value)) });
  });
  const handled = withResolvers();
  await batch.subscribe({ topic, fromBeginning: true });
  await batch.run({
    eachBatch: async () => {
      tracer.startSpan('handled').end();
      handled.resolve();
    },
  });
  await handled.promise;
  for (const client of [producer, ...consumers]) await client.disconnect();
}

exports.useMessaging = async ({ nats, transport, jetstream, Kafka, Redis, redis }) => {
  await natsMessages('nats', nats.connect, async (nc) => ({
    js: nc.jetstream(),
    manager: await nc.jetstreamManager(),
  }));
  await natsMessages('nats-core', transport.connect, async (nc) => ({
    js: jetstream.jetstream(nc),
    manager: await jetstream.jetstreamManager(nc),
  }));
  const io = [new Redis(process.env.REDIS_URL), new Redis(process.env.REDIS_URL)];
  await redisMessages('ioredis', ...io);
  for (const client of io) await client.quit();
  const node = [
    redis.createClient({ url: process.env.REDIS_URL }),
    redis.createClient({ url: process.env.REDIS_URL }),
  ];
  for (const client of node) await client.connect();
  await redisMessages('node-redis', ...node);
  for (const client of node) await client.close();
  if (process.env.KAFKA_BROKERS) await kafkaMessages(Kafka);
};
