import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { kafka } from 'throughline-brokers';
import { unlessMissing } from 'throughline-brokers/testing';
import { type TestContext, expect, test } from 'vitest';
import { type AnotherNode, anotherNode } from './support/another-node.ts';
import { buildOnce, repository } from './support/build.ts';
import { installedPackage } from './support/installed-package.ts';
import { otlpSink } from './support/otlp-sink.ts';
import { skipHere } from './support/skip-here.ts';
import { type SeenSpan, treeOf } from './support/telemetry-receiver.ts';

const register = pathToFileURL(join(repository, 'packages', 'node', 'bin', 'register.cjs')).href;
const application = join(repository, 'e2e', 'node-messaging', 'use-platformatic-kafka.mjs');

const traces = `shop: loop
  shop: send loop
    shop: process loop
      shop: handled a
  shop: send loop
    shop: process loop
      shop: handled b
  shop: send loop
    shop: process loop
      shop: handled c
shop: listener
  shop: send listener
    shop: process listener
      shop: handled once x
shop: listener again
  shop: send listener
    shop: process listener
      shop: handled y
shop: unreachable
  shop: send x !
shop: send baggage
  shop: process baggage
shop: send baggage
  shop: process baggage
`;

async function traced(
  node: AnotherNode,
  spec: string,
  context: TestContext,
): Promise<{ spans: SeenSpan[]; seen: Record<string, unknown> }> {
  const library = await installedPackage(spec);
  if (!node.path || !library.folder) return skipHere(context, node.missing ?? library.missing);
  await buildOnce();
  const broker = await unlessMissing(kafka, (reason) => skipHere(context, reason));
  const sink = await otlpSink();
  try {
    const { stdout, stderr } = await promisify(execFile)(node.path, ['--import', register, application], {
      env: {
        PATH: process.env['PATH'],
        PLATFORMATIC: library.folder,
        KAFKA_BROKERS: broker.url,
        ...sink.environment,
        OTEL_SERVICE_NAME: 'shop',
        THROUGHLINE_NETWORK_PHASES: 'off',
      },
      timeout: 60_000,
    });
    expect(stderr).toBe('');
    const spans = sink.all.spans.toSorted((a, b) => Number(a.start - b.start));
    return { spans, seen: JSON.parse(stdout) as Record<string, unknown> };
  } finally {
    await sink.close();
    await broker.stop();
  }
}

/** The newest for each Node: version 2 wants Node 22 at least. */
const versions: [spec: string, node: AnotherNode][] = [
  ['@platformatic/kafka@1.35.0', { path: process.execPath }],
  ['@platformatic/kafka@2.12.1', await anotherNode(24)],
];

test.for(versions)(
  'messages of %s are traced from their sender to their handler',
  { timeout: 120_000 },
  async ([spec, node], context) => {
    const { spans, seen } = await traced(node, spec, context);
    expect(treeOf(spans).replaceAll(/\.\d+/g, '')).toBe(traces);
    expect(seen).toMatchObject({
      // What the sender gave stays as it was, and goes along.
      untouched: [['tenant', 'blue']],
      headers: [
        [
          ['tenant', 'blue'],
          ['traceparent', expect.any(String)],
        ],
        [
          ['tenant', 'blue'],
          ['traceparent', expect.any(String)],
        ],
        [['traceparent', expect.any(String)]],
      ],
      callback: true,
      listeners: 0,
      unreachable: expect.any(String),
      baggage: [null, 'ann'],
    });
    const [first, ...others] = spans.filter(({ name }) => name.startsWith('send loop'));
    expect(first?.kind).toBe('producer');
    expect(others.at(-1)?.attributes).toMatchObject({
      'kafka.offset': 2,
      'messaging.destination.partition.id': '0',
    });
    const handled = spans.find(({ parentSpanId }) => parentSpanId === first?.spanId);
    expect(handled?.kind).toBe('consumer');
    expect(handled?.attributes).toMatchObject({
      'messaging.system': 'kafka',
      'messaging.consumer.group.name': handled?.attributes['messaging.destination.name'],
      'messaging.operation.type': 'process',
      'kafka.message.key': 'k',
      'kafka.offset': 0,
      'messaging.message.body.size': 1,
    });
  },
);
