import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { repository } from './support/build.ts';
import { eventually } from './support/eventually.ts';
import { otlpSink } from './support/otlp-sink.ts';
import { throughlineReceiver } from './support/throughline-receiver.ts';

const register = pathToFileURL(join(repository, 'packages', 'node', 'bin', 'register.cjs')).href;
const index = pathToFileURL(join(repository, 'packages', 'node', 'dist', 'node.cjs')).href;
const api = pathToFileURL(
  join(repository, 'node_modules', '@opentelemetry', 'api', 'build', 'src', 'index.js'),
).href;

/** Makes a span and says its trace. */
const prelude = `
import api from '${api}';
import { isMainThread, Worker } from 'node:worker_threads';
import cluster from 'node:cluster';
function work() {
  const span = api.trace.getTracer('app').startSpan('work');
  span.end();
  process.stdout.write(span.spanContext().traceId + '\\n');
}
`;

let folder: string;
let receiver: Awaited<ReturnType<typeof throughlineReceiver>>;
const children: ChildProcess[] = [];
beforeAll(async () => {
  receiver = await throughlineReceiver();
  folder = mkdtempSync(join(tmpdir(), 'exit-'));
});
afterEach(() => {
  for (const child of children.splice(0)) child.kill('SIGKILL');
});
afterAll(async () => {
  await receiver.close();
  rmSync(folder, { recursive: true });
});

function start(text: string, env: Record<string, string> = {}) {
  const file = join(folder, 'app.mjs');
  writeFileSync(file, prelude + text);
  const child = spawn(process.execPath, ['--import', register, file], {
    env: { PATH: process.env['PATH'], ...receiver.environment, ...env },
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  children.push(child);
  let said = '';
  child.stdout.setEncoding('utf8').on('data', (more: string) => (said += more));
  return {
    child,
    closed: once(child, 'close'),
    traces: () => said.split('\n').filter((line) => /^[0-9a-f]{32}$/.test(line)),
  };
}

/** How it ended, and how many of its spans have arrived. */
async function ended({
  closed,
  traces,
}: ReturnType<typeof start>): Promise<{ code: unknown; signal: unknown; spans: number }> {
  const [code, signal] = (await closed) as [number | null, string | null];
  const arrived = await eventually(async () => {
    const all = await Promise.all(traces().map(async (id) => (await receiver.trace(id)).spans.length));
    const sum = all.reduce((a, b) => a + b, 0);
    return sum >= traces().length && sum;
  });
  return { code, signal, spans: arrived };
}

const grpc = (): Record<string, string> => ({
  OTEL_EXPORTER_OTLP_PROTOCOL: 'grpc',
  OTEL_EXPORTER_OTLP_ENDPOINT: receiver.program.url('OTLP/gRPC'),
});

test.each(['http/protobuf', 'grpc'])(
  'process.exit() right after a span loses nothing, over %s',
  async (protocol) => {
    const app = start('work(); process.exit(3);', protocol === 'grpc' ? grpc() : {});
    expect(await ended(app)).toEqual({ code: 3, signal: null, spans: 1 });
  },
);

test('an application that ends by itself on SIGTERM loses nothing', async () => {
  const app = start(
    `process.on('SIGTERM', () => { work(); process.exit(4); }); setInterval(() => {}, 1000); work();`,
  );
  await eventually(async () => app.traces().length === 1);
  app.child.kill('SIGTERM');
  expect(await ended(app)).toEqual({ code: 4, signal: null, spans: 2 });
});

test('an error that nobody catches loses nothing', async () => {
  const app = start(`work(); throw new Error('not caught');`);
  expect(await ended(app)).toEqual({ code: 1, signal: null, spans: 1 });
});

test('a receiver that does not answer holds process.exit() for two seconds at most', async () => {
  const server = createServer(() => {});
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const app = start('work(); console.log(Date.now()); process.exit(5);', {
    OTEL_EXPORTER_OTLP_ENDPOINT: `http://127.0.0.1:${port}`,
  });
  let said = '';
  app.child.stdout!.on('data', (more: string) => (said += more));
  const [code] = (await app.closed) as [number];
  const exitMs = Date.now() - Number(said.split('\n').find((line) => /^\d{13}$/.test(line)));
  server.close();
  expect(code).toBe(5);
  expect(exitMs).toBeGreaterThan(1500);
  expect(exitMs).toBeLessThan(6000);
});

test('log records are sent in time where spans are not answered', async () => {
  const silent = createServer(() => {});
  await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve));
  const sink = await otlpSink();
  const app = start(
    `import { start } from '${index}';
    work();
    console.log(JSON.stringify({ msg: 'said' }));
    await start().flush(3000);
    process.exit(6);`,
    {
      ...sink.environment,
      OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: `http://127.0.0.1:${(silent.address() as AddressInfo).port}/v1/traces`,
    },
  );
  expect(await app.closed).toEqual([6, null]);
  silent.close();
  await sink.close();
  expect(sink.all.logs.map(({ body }) => body)).toEqual(['said']);
});

test('worker threads export what they have made when they end, or are ended by themselves', async () => {
  const app = start(`
    if (isMainThread) {
      new Worker(new URL(import.meta.url));
      new Worker(new URL(import.meta.url), { argv: ['exit'] });
      work();
    } else {
      work();
      if (process.argv.includes('exit')) process.exit();
    }
  `);
  expect(await ended(app)).toEqual({ code: 0, signal: null, spans: 3 });
  expect(app.traces()).toHaveLength(3);
});

test('a cluster that is told to end loses nothing of its primary or its workers', async () => {
  const app = start(`
    work();
    setInterval(() => {}, 1000);
    if (cluster.isPrimary) for (let each = 0; each < 2; each++) cluster.fork();
  `);
  await eventually(async () => app.traces().length === 3);
  app.child.kill('SIGTERM');
  expect(await ended(app)).toEqual({ code: null, signal: 'SIGTERM', spans: 3 });
});
