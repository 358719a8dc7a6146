// Uses every instrumented library once as an application does, each inside a span named after it, and prints what the
// application itself can see: whether it goes on in its own span, and what came to the other side.
const { context, trace } = require('@opentelemetry/api');

const tracer = trace.getTracer('application');
const seen = {};

/** Runs `act` in a span of that name; the span still being the active one afterwards is `continues`. */
function inSpan(name, act) {
  return tracer.startActiveSpan(name, async (span) => {
    const note = (seen[name] = {});
    try {
      note.result = await act();
    } catch (error) {
      note.error = error.message;
    }
    note.continues = trace.getActiveSpan() === span;
    span.end();
  });
}

/** For callbacks: resolves with whether each was called in the caller's span, and what `act` passed on. */
function viaCallback(act) {
  const caller = trace.getActiveSpan();
  return new Promise((resolve) => act((value) => resolve([trace.getActiveSpan() === caller, value])));
}

async function redisCommands({ ioredis, redis }) {
  const url = process.env.REDIS_URL;
  const io = new ioredis.Redis(url);
  await inSpan('ioredis', () => io.set('a', '1'));
  await inSpan('ioredis callback', () => viaCallback((done) => io.get('a', (_error, value) => done(value))));
  await inSpan('ioredis error', () => io.incr('a').then(() => io.lpush('a', 'x')));
  await io.quit();
  const client = redis.createClient({ url });
  await client.connect();
  await inSpan('redis', () => client.set('b', '2'));
  await inSpan('redis multi', () => client.multi().set('b', '3').get('b').exec());
  await inSpan('redis error', () => client.lPush('b', 'x'));
  await client.close();
}

async function postgres({ pg }) {
  const client = new pg.Client(process.env.POSTGRES_URL);
  await client.connect();
  await inSpan('pg', async () => (await client.query('SELECT $1::int AS n', [7])).rows[0].n);
  await inSpan('pg callback', () => viaCallback((done) => client.query('SELECT 1', () => done())));
  await inSpan('pg error', () => client.query('SELECT nothing FROM nowhere'));
  await client.end();
  const pool = new pg.Pool({ connectionString: process.env.POSTGRES_URL });
  await inSpan('pg pool', async () => (await pool.query('SELECT 2 AS n')).rows[0].n);
  await pool.end();
}

async function rabbit({ amqplib }) {
  const connection = await amqplib.connect(process.env.AMQP_URL);
  const channel = await connection.createChannel();
  await channel.assertQueue('work', { durable: false });
  const received = new Promise((resolve) => {
    void channel.consume('work', (message) => {
      const header = message.properties.headers.traceparent;
      channel.ack(message);
      resolve([header?.split('-')[1], trace.getActiveSpan()?.spanContext().traceId]);
    });
  });
  await inSpan('amqplib', async () => channel.sendToQueue('work', Buffer.from('hello')));
  seen['amqplib received'] = await received;
  await channel.close();
  await connection.close();
}

const route = (name) => `http://127.0.0.1:${seen.ports[name]}/hello/world`;

async function web({ express, fastify }) {
  seen.ports = {};
  const app = express();
  app.get('/hello/:name', (request, response) => response.send(`hello ${request.params.name}`));
  app.get('/fail', () => {
    throw new Error('the handler fails');
  });
  app.use((error, _request, response, _next) => response.status(500).send(error.message));
  const server = await new Promise((resolve) => {
    const listening = app.listen(0, '127.0.0.1', () => resolve(listening));
  });
  seen.ports.express = server.address().port;
  await inSpan('express', async () => (await fetch(route('express'))).text());
  await inSpan('express error', async () => (await fetch(new URL('/fail', route('express')))).status);
  server.close();

  const fast = fastify();
  fast.get('/hello/:name', async (request) => `hello ${request.params.name}`);
  fast.get('/fail', async () => {
    throw new Error('the handler fails');
  });
  await fast.listen({ port: 0, host: '127.0.0.1' });
  seen.ports.fastify = fast.server.address().port;
  await inSpan('fastify', async () => (await fetch(route('fastify'))).text());
  await inSpan('fastify error', async () => (await fetch(new URL('/fail', route('fastify')))).status);
  await fast.close();
}

/** Everything that an application does with the libraries it was given. */
exports.useAll = async (libraries) => {
  await redisCommands(libraries);
  await postgres(libraries);
  await rabbit(libraries);
  await web(libraries);
  await require('./use-grpc.cjs').useGrpc(libraries.grpc, { inSpan, viaCallback, context });
  console.log(JSON.stringify(seen));
};
