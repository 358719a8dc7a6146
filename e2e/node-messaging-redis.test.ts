import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { redis } from 'throughline-brokers';
import { unlessMissing } from 'throughline-brokers/testing';
import { expect, test } from 'vitest';
import { buildOnce, repository } from './support/build.ts';
import { installedPackage } from './support/installed-package.ts';
import { otlpSink } from './support/otlp-sink.ts';
import { skipHere } from './support/skip-here.ts';
import { treeOf } from './support/telemetry-receiver.ts';

const register = pathToFileURL(join(repository, 'packages', 'node', 'bin', 'register.cjs')).href;
const application = join(repository, 'e2e', 'node-messaging', 'use-redis.mjs');

/** Those before the ones that the repository itself is tested with. */
const older = ['ioredis@5.9.2', 'redis@4.7.1', 'redis@5.9.0'];

test.for(older)(
  'messages of %s are traced as those of its newest version',
  { timeout: 90_000 },
  async (spec, context) => {
    const library = await installedPackage(spec);
    if (!library.folder) return skipHere(context, library.missing);
    await buildOnce();
    const broker = await unlessMissing(redis, (reason) => skipHere(context, reason));
    const sink = await otlpSink();
    try {
      const { stdout, stderr } = await promisify(execFile)(
        process.execPath,
        ['--import', register, application],
        {
          env: {
            PATH: process.env['PATH'],
            CLIENT: spec.split('@')[0],
            CLIENT_FOLDER: library.folder,
            REDIS_URL: broker.url,
            ...sink.environment,
            OTEL_SERVICE_NAME: 'shop',
            // Their commands are spans too, which differ from version to version.
            OTEL_NODE_DISABLED_INSTRUMENTATIONS: 'redis,ioredis',
          },
          timeout: 20_000,
        },
      );
      expect(stderr).toBe('');
      expect(JSON.parse(stdout)).toEqual([
        ['{"order":7}', 'orders', true],
        ['plain', 'orders', true],
        ['hello', 'orders.a', true],
        ['bytes', 'orders', true],
        0,
      ]);
    } finally {
      await sink.close();
      await broker.stop();
    }
    const spans = sink.all.spans.toSorted((a, b) => Number(a.start - b.start));
    expect(treeOf(spans)).toBe(`shop: order
  shop: publish orders
    shop: process orders
shop: order
shop: process orders
shop: order
  shop: publish orders.a
    shop: process orders.*
shop: order
  shop: publish orders
    shop: process orders
shop: publish orders
`);
  },
);
