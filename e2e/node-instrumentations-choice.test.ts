import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http2';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { buildOnce, repository } from './support/build.ts';
import { otlpSink } from './support/otlp-sink.ts';
import { type SeenSpan, treeOf } from './support/telemetry-receiver.ts';

const ofPackage = join(repository, 'packages', 'node');
const register = pathToFileURL(join(ofPackage, 'bin', 'register.cjs')).href;
const index = pathToFileURL(join(ofPackage, 'dist', 'node.cjs')).href;
let folder: string;

beforeAll(async () => {
  await buildOnce();
  folder = mkdtempSync(join(tmpdir(), 'node-choice-'));
  symlinkSync(join(repository, 'node_modules'), join(folder, 'node_modules'));
});
afterAll(() => rmSync(folder, { recursive: true }));

interface Run {
  stdout: string;
  stderr: string;
  spans: SeenSpan[];
}

/** Runs the first of these files, with its spans sent to a receiver. */
async function run(
  files: Record<string, string>,
  env: Record<string, string> = {},
  nodeArgs = ['--import', register],
): Promise<Run> {
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
  const sink = await otlpSink();
  const args = [...nodeArgs, join(folder, Object.keys(files)[0] ?? '')];
  const { stdout, stderr } = await promisify(execFile)(process.execPath, args, {
    env: {
      PATH: process.env['PATH'],
      ...sink.environment,
      OTEL_SERVICE_NAME: 'shop',
      THROUGHLINE_NETWORK_PHASES: 'off',
      ...env,
    },
    timeout: 20_000,
  });
  await sink.close();
  return { stdout, stderr, spans: sink.all.spans.toSorted((a, b) => Number(a.start - b.start)) };
}

/** Asks itself once over HTTP, where express answers what a gRPC server says. */
const application = `
import express from 'express';
import grpc from '@grpc/grpc-js';
const bytes = (value) => value;
const method = { path: '/shop.v1.Stock/Get', requestStream: false, responseStream: false,
  requestSerialize: bytes, requestDeserialize: bytes, responseSerialize: bytes, responseDeserialize: bytes };
const stock = new grpc.Server();
stock.addService({ Get: method }, { Get: (call, answer) => answer(null, call.request) });
stock.bindAsync('127.0.0.1:0', grpc.ServerCredentials.createInsecure(), (_error, port) => {
  const Stock = grpc.makeClientConstructor({ Get: method }, 'Stock');
  const client = new Stock('127.0.0.1:' + port, grpc.credentials.createInsecure());
  const app = express();
  app.get('/stock/:sku', (request, response) => {
    client.Get(Buffer.from(request.params.sku), (_error, answer) => response.send(answer.toString()));
  });
  const server = app.listen(0, '127.0.0.1', async () => {
    const answer = await fetch('http://127.0.0.1:' + server.address().port + '/stock/a-1');
    console.log(await answer.text());
    server.close();
    client.close();
    stock.forceShutdown();
  });
});
`;

const whole = `shop: GET
  shop: GET /stock/:sku
    shop: request handler
      shop: shop.v1.Stock/Get
        shop: shop.v1.Stock/Get
`;

test('what is disabled, or not enabled, by its short name is left alone', async () => {
  expect(treeOf((await run({ 'app.mjs': application })).spans)).toBe(whole);
  const without = await run(
    { 'app.mjs': application },
    { OTEL_NODE_DISABLED_INSTRUMENTATIONS: 'express,grpc' },
  );
  expect(treeOf(without.spans)).toBe('shop: GET\n  shop: GET\n');
  const only = await run({ 'app.mjs': application }, { OTEL_NODE_ENABLED_INSTRUMENTATIONS: 'grpc' });
  expect(treeOf(only.spans)).toBe('shop: shop.v1.Stock/Get\n  shop: shop.v1.Stock/Get\n');
});

test('a name that is not known is said, with those that are', async () => {
  const { stderr } = await run({ 'app.mjs': application }, { OTEL_NODE_DISABLED_INSTRUMENTATIONS: 'mysql' });
  expect(stderr).toMatch(
    /^throughline: OTEL_NODE_…_INSTRUMENTATIONS: mysql is not among http, undici, .*grpc, .*\n$/,
  );
});

test('an instrumentation is loaded when its library is, and not before', async () => {
  const loaded = `
    import { createRequire } from 'node:module';
    const { cache } = createRequire(import.meta.url);
    const found = () => ['express', 'fastify', 'grpc', 'ioredis', 'redis', 'kafkajs', 'amqplib', 'pg', 'pino', 'winston'].filter(
      (name) => Object.keys(cache).some((file) => file.includes('/instrumentation-' + name + '/') || file.includes('/@' + name + '/otel/')));
    const before = found();
    await import('express');
    console.log(JSON.stringify([before, found()]));`;
  const { stdout } = await run({ 'loaded.mjs': loaded });
  expect(JSON.parse(stdout)).toEqual([[], ['express']]);
});

const started = (options: string): string => `import { start } from '${index}';\nstart(${options});`;

test('start() in the module that is imported first traces what is imported after it', async () => {
  const files = { 'app.mjs': `import './telemetry.mjs';\n${application}`, 'telemetry.mjs': started('{}') };
  expect(treeOf((await run(files, {}, [])).spans)).toBe(whole);
});

test('start() after an import traces what can be patched in place', async () => {
  const { spans } = await run(
    {
      'app.mjs': `import express from 'express';\n${started('{}')}\n${application.replace("import express from 'express';", '')}`,
    },
    {},
    [],
  );
  expect(spans.map(({ name }) => name)).toContain('GET /stock/:sku');
});

test('start() is told how each instrumentation is to work', async () => {
  const options = `{ instrumentations: {
    http: { startIncomingSpanHook: () => ({ 'app.tenant': 'blue' }) },
    undici: { enabled: false },
    express: { ignoreLayersType: ['request_handler'] },
    grpc: {
      requestHook: (span, { side, path }) => span.updateName(side + ' ' + path),
      ignore: ({ side, path }) => side === 'server' && path.endsWith('/Get'),
    },
  } }`;
  const files = { 'app.mjs': `import './telemetry.mjs';\n${application}`, 'telemetry.mjs': started(options) };
  const { spans } = await run(files, {}, []);
  expect(treeOf(spans)).toBe('shop: GET /stock/:sku\n  shop: client /shop.v1.Stock/Get\n');
  expect(spans[0]?.attributes['app.tenant']).toBe('blue');
});

test('the export over gRPC is not itself traced', async () => {
  let exports = 0;
  const receiver = createServer().on('stream', (stream) => {
    exports++;
    stream.respond({ ':status': 200, 'content-type': 'application/grpc' }, { waitForTrailers: true });
    stream.on('wantTrailers', () => stream.sendTrailers({ 'grpc-status': '0' }));
    stream.resume().on('end', () => stream.end(Buffer.alloc(5)));
  });
  await new Promise<void>((resolve) => receiver.listen(0, '127.0.0.1', resolve));
  const endpoint = `http://127.0.0.1:${(receiver.address() as AddressInfo).port}`;
  const logging = `console.log('{"message":"hello"}');\n${application}`;
  const { spans } = await run(
    { 'app.mjs': logging },
    {
      OTEL_EXPORTER_OTLP_LOGS_ENDPOINT: endpoint,
      OTEL_EXPORTER_OTLP_LOGS_PROTOCOL: 'grpc',
      OTEL_BLRP_SCHEDULE_DELAY: '20',
    },
  );
  receiver.close();
  expect(exports).toBe(1);
  expect(treeOf(spans)).toBe(whole);
});
