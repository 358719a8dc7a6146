import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { type Broker, postgres, rabbitmq, redis } from 'throughline-brokers';
import { unlessMissing } from 'throughline-brokers/testing';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { anotherNode } from './support/another-node.ts';
import { buildOnce, repository } from './support/build.ts';
import { otlpSink } from './support/otlp-sink.ts';
import { skipHere } from './support/skip-here.ts';
import { type SeenSpan, treeOf } from './support/telemetry-receiver.ts';

const register = pathToFileURL(join(repository, 'packages', 'node', 'bin', 'register.cjs')).href;
const nodes = [
  { version: process.versions.node, path: process.execPath, missing: undefined },
  { version: '24', ...(await anotherNode(24)) },
];
const servers: Broker[] = [];
let missing: string | undefined;
let environment: Record<string, string> = {};

beforeAll(async () => {
  await buildOnce();
  const started = [redis, postgres, rabbitmq].map((start) =>
    unlessMissing(start, (reason) => {
      throw new Error((missing = reason));
    }),
  );
  const outcomes = await Promise.allSettled(started);
  for (const outcome of outcomes) {
    if (outcome.status === 'fulfilled') servers.push(outcome.value);
    else if (!missing) throw outcome.reason;
  }
  const [REDIS_URL = '', POSTGRES_URL = '', AMQP_URL = ''] = servers.map(({ url }) => url);
  environment = { REDIS_URL, POSTGRES_URL, AMQP_URL };
});
afterAll(() => Promise.all(servers.map((each) => each.stop())));

/** What the application saw in each of its spans: what came back, and whether it went on in its own span. */
type Seen = Record<string, { result?: unknown; error?: string; continues?: boolean }>;

async function used(node: string, application: string): Promise<{ seen: Seen; spans: SeenSpan[] }> {
  const sink = await otlpSink();
  const file = join(repository, 'e2e', 'node-applications', application);
  const { stdout, stderr } = await promisify(execFile)(node, ['--import', register, file], {
    env: {
      PATH: process.env['PATH'],
      ...environment,
      ...sink.environment,
      OTEL_SERVICE_NAME: 'shop',
      THROUGHLINE_NETWORK_PHASES: 'off',
    },
    timeout: 20_000,
  });
  await sink.close();
  expect(stderr).toBe('');
  const spans = sink.all.spans.toSorted((a, b) => Number(a.start - b.start));
  return { seen: JSON.parse(stdout) as Seen, spans };
}

/** The trace of each of the application's spans. */
const traces = `shop: ioredis
  shop: set
shop: ioredis callback
  shop: get
shop: ioredis error
  shop: incr
  shop: lpush !
shop: redis-connect
shop: redis
  shop: redis-SET
shop: redis multi
  shop: redis-SET
  shop: redis-GET
shop: redis error
  shop: redis-LPUSH !
shop: pg.connect
shop: pg
  shop: pg.query:SELECT postgres
shop: pg callback
  shop: pg.query:SELECT postgres
shop: pg error
  shop: pg.query:SELECT postgres !
shop: pg pool
  shop: pg-pool.connect
    shop: pg.connect
  shop: pg.query:SELECT postgres
shop: amqplib
  shop: publish <default>
    shop: work process
shop: express
  shop: GET
    shop: GET /hello/:name
      shop: request handler
shop: express error
  shop: GET !
    shop: GET /fail !
      shop: request handler !
shop: fastify
  shop: GET
    shop: GET /hello/:name
      shop: request
        shop: handler - fastify -> @fastify/otel
shop: fastify error
  shop: GET !
    shop: GET /fail !
      shop: request !
        shop: handler - fastify -> @fastify/otel !
shop: grpc unary
  shop: demo.v1.Echo/Unary
    shop: demo.v1.Echo/Unary
shop: grpc metadata
  shop: demo.v1.Echo/Unary
    shop: demo.v1.Echo/Unary
shop: grpc no metadata
  shop: demo.v1.Echo/Unary
    shop: demo.v1.Echo/Unary
shop: grpc client stream
  shop: demo.v1.Echo/Collect
    shop: demo.v1.Echo/Collect
shop: grpc server stream
  shop: demo.v1.Echo/Count
    shop: demo.v1.Echo/Count
shop: grpc bidi
  shop: demo.v1.Echo/Chat
    shop: demo.v1.Echo/Chat
shop: grpc not found
  shop: demo.v1.Echo/Unary !
    shop: demo.v1.Echo/Unary
shop: grpc internal
  shop: demo.v1.Echo/Unary !
    shop: demo.v1.Echo/Unary !
shop: grpc stream error
  shop: demo.v1.Echo/Count !
    shop: demo.v1.Echo/Count !
shop: grpc handler throws
  shop: demo.v1.Echo/Unary !
    shop: demo.v1.Echo/Unary !
shop: grpc stream given up
  shop: demo.v1.Echo/Count !
    shop: demo.v1.Echo/Count
shop: grpc deadline
  shop: demo.v1.Echo/Unary !
    shop: demo.v1.Echo/Unary
shop: grpc loaded proto
  shop: demo.v1.Echo/Unary !
`;

const redisAttributes = { 'db.system.name': 'redis', 'server.address': '127.0.0.1' };
const postgresAttributes = { 'db.system.name': 'postgresql', 'db.namespace': 'postgres' };
const rabbitAttributes = { 'messaging.system': 'rabbitmq', 'messaging.destination.name': 'work' };
const rpc = { 'rpc.system': 'grpc', 'rpc.service': 'demo.v1.Echo', 'rpc.method': 'Unary' };

/** Name of the application's span, names of the spans below it, what these say at least. */
const attributes: [name: string, path: string[], attributes: Record<string, unknown>][] = [
  ['ioredis', ['set'], { ...redisAttributes, 'db.operation.name': 'set' }],
  ['redis', ['redis-SET'], { ...redisAttributes, 'db.query.text': 'SET b [1 other arguments]' }],
  ['pg', ['pg.query:SELECT postgres'], { ...postgresAttributes, 'db.query.text': 'SELECT $1::int AS n' }],
  ['amqplib', ['publish <default>'], { ...rabbitAttributes, 'messaging.operation.type': 'send' }],
  [
    'amqplib',
    ['publish <default>', 'work process'],
    { ...rabbitAttributes, 'messaging.operation.type': 'process', 'messaging.message.body.size': 5 },
  ],
  ['express', ['GET', 'GET /hello/:name'], { 'http.route': '/hello/:name', 'url.path': '/hello/world' }],
  [
    'fastify',
    ['GET', 'GET /hello/:name'],
    { 'http.route': '/hello/:name', 'http.response.status_code': 200 },
  ],
  [
    'grpc unary',
    ['demo.v1.Echo/Unary'],
    { ...rpc, 'server.address': '127.0.0.1', 'rpc.grpc.status_code': 0, 'rpc.response.status_code': 'OK' },
  ],
  [
    'grpc unary',
    ['demo.v1.Echo/Unary', 'demo.v1.Echo/Unary'],
    { ...rpc, 'client.address': '127.0.0.1', 'rpc.grpc.status_code': 0 },
  ],
  ['grpc not found', ['demo.v1.Echo/Unary'], { 'rpc.grpc.status_code': 5, 'error.type': 'NOT_FOUND' }],
  [
    'grpc stream given up',
    ['demo.v1.Echo/Count', 'demo.v1.Echo/Count'],
    { 'rpc.response.status_code': 'CANCELLED' },
  ],
  ['grpc deadline', ['demo.v1.Echo/Unary'], { 'rpc.response.status_code': 'DEADLINE_EXCEEDED' }],
  [
    'grpc deadline',
    ['demo.v1.Echo/Unary', 'demo.v1.Echo/Unary'],
    { 'rpc.response.status_code': 'CANCELLED' },
  ],
];

function below(spans: readonly SeenSpan[], name: string, path: readonly string[]): SeenSpan | undefined {
  let span = spans.find((each) => each.name === name && each.parentSpanId === undefined);
  for (const step of path)
    span = spans.find((each) => each.name === step && each.parentSpanId === span?.spanId);
  return span;
}

describe.each(nodes)('libraries on Node $version', ({ path, missing: noNode }) => {
  test.for(['default-imports.mjs', 'named-imports.mjs', 'requires.cjs'])(
    'are traced as they are: %s',
    async (application, context) => {
      if (!path || missing) return skipHere(context, noNode ?? missing);
      const { seen, spans } = await used(path, application);

      expect(treeOf(spans)).toBe(traces);
      for (const [name, steps, expected] of attributes)
        expect(below(spans, name, steps)?.attributes, `${name} > ${steps.join(' > ')}`).toMatchObject(
          expected,
        );

      const { ports: _ports, 'amqplib received': received, ...notes } = seen;
      expect(Object.entries(notes).filter(([, { continues }]) => !continues)).toEqual([]);
      const traceIdOf = (name: string) => below(spans, name, [])?.traceId;
      expect(received).toEqual(Array(2).fill(traceIdOf('amqplib')));
      const called = below(spans, 'grpc unary', ['demo.v1.Echo/Unary']);
      expect(notes).toMatchObject({
        'ioredis callback': { result: [true, '1'] },
        'pg callback': { result: [true, null] },
        'grpc unary': { result: [true, `00-${called?.traceId}-${called?.spanId}-03`] },
        // What the caller gave stays as it was, and the trailers arrive.
        'grpc metadata': { result: [['3'], ['tenant']] },
        'grpc no metadata': { result: [true, null] },
        'grpc client stream': {
          result: [
            true,
            `a+b ${below(spans, 'grpc client stream', Array(2).fill('demo.v1.Echo/Collect'))?.spanId}`,
          ],
        },
        'grpc server stream': { result: [true, '012'] },
        'grpc bidi': { result: [true, 'XY'] },
        'grpc not found': { result: [true, 5] },
        'grpc handler throws': { result: [true, 2] },
        'grpc stream given up': { error: expect.stringContaining('CANCELLED') },
        'grpc deadline': { result: [true, 4] },
      });
    },
  );
});
