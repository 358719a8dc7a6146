import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { type Broker, startKafka, startNats, startRedis } from 'throughline-brokers';
import { orMissing } from 'throughline-brokers/testing';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
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
let lasting: Broker[] = [];
let missing = '';
/** Has streams, whose names each application makes anew. */
let nats: Broker | undefined;

const started = async (start: () => Promise<Broker>): Promise<Broker | undefined> => {
  const { broker, missing: reason } = await orMissing(start);
  missing ||= reason;
  return broker;
};

beforeAll(async () => {
  await buildOnce();
  const brokers = await Promise.all([startRedis, startKafka].map(started));
  lasting = brokers.filter((broker) => broker !== undefined);
}, 120_000);
beforeEach(async () => {
  nats = await started(startNats);
});
afterEach(() => nats?.stop());
afterAll(() => Promise.all(lasting.map((each) => each.stop())));

async function spansOf(node: string, application: string): Promise<SeenSpan[]> {
  const sink = await otlpSink();
  const file = join(repository, 'e2e', 'node-messaging', application);
  const [redis, kafka] = lasting;
  const { stderr } = await promisify(execFile)(node, ['--import', register, file], {
    env: {
      PATH: process.env['PATH'],
      REDIS_URL: redis?.url,
      KAFKA_BROKERS: kafka?.url,
      NATS_URL: nats?.url,
      ...sink.environment,
      OTEL_SERVICE_NAME: 'shop',
      THROUGHLINE_NETWORK_PHASES: 'off',
    },
    timeout: 60_000,
  });
  await sink.close();
  // kafkajs itself warns so on Node 24 and later.
  const warned = stderr.replaceAll(/\(node:\d+\) TimeoutNegativeWarning.*\n.*\n.*\n/g, '');
  expect(warned).toBe('');
  return sink.all.spans.toSorted((a, b) => Number(a.start - b.start));
}

const natsTraces = (name: string): string => `shop: ${name} callback
  shop: publish ${name}.callback
    shop: process ${name}.callback
      shop: handled
shop: ${name} loop
  shop: publish ${name}.loop
    shop: process ${name}.loop
      shop: handled
shop: ${name} request
  shop: request ${name}.request
    shop: process ${name}.request
      shop: handled
      shop: reply (temporary)
shop: ${name} jetstream
  shop: publish ${name}.stream
    shop: process ${name}.stream
      shop: handled
`;

const traces = `${natsTraces('nats')}${natsTraces('nats-core')}shop: ioredis
  shop: subscribe
  shop: publish ioredis
    shop: publish
    shop: process ioredis
      shop: handled
shop: redis-connect
shop: redis-connect
shop: node-redis
  shop: publish node-redis
    shop: redis-PUBLISH
    shop: process node-redis
      shop: handled
shop: kafkajs
  shop: send orders
    shop: process orders
      shop: handled
shop: process orders
  shop: handled
`;

describe.each(nodes)('messages on Node $version', ({ path, missing: noNode }) => {
  test.for(['named-imports.mjs', 'default-imports.mjs', 'requires.cjs'])(
    'are traced from their sender to their handler: %s',
    { timeout: 90_000 },
    async (application, context) => {
      if (!path || missing) return skipHere(context, noNode ?? missing);
      const spans = await spansOf(path, application);
      expect(treeOf(spans).replaceAll(/orders\.\d+/g, 'orders')).toBe(traces);
    },
  );
});
