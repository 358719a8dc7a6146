import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { type AddressInfo, type Server, connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { anotherNode } from './support/another-node.ts';
import { buildOnce, repository } from './support/build.ts';
import { eventually } from './support/eventually.ts';
import { freePort } from './support/free-port.ts';
import { otlpSink } from './support/otlp-sink.ts';
import { skipHere } from './support/skip-here.ts';
import { traceOnce, treeOf } from './support/telemetry-receiver.ts';
import { throughlineReceiver } from './support/throughline-receiver.ts';

const run = promisify(execFile);
const file = (...path: string[]) => pathToFileURL(join(repository, ...path)).href;
const index = file('packages', 'node', 'dist', 'node.cjs');
const register = file('packages', 'node', 'bin', 'register.cjs');
const api = file('node_modules', '@opentelemetry', 'api', 'build', 'src', 'index.js');

let folder: string;
const closing: (() => unknown)[] = [];
let services = 0;

beforeAll(async () => {
  await buildOnce();
  folder = mkdtempSync(join(tmpdir(), 'node-export-'));
});
afterEach(async () => {
  for (const close of closing.splice(0).toReversed()) await close();
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function script(name: string, text: string): string {
  writeFileSync(join(folder, name), text);
  return join(folder, name);
}

/** `telemetry` traces, `spans(n)` makes spans, and `say` prints JSON. */
const application = (text: string): string => `
import { start } from '${index}';
import { trace } from '${api}';
const telemetry = start({ instrumentations: [] });
const tracer = trace.getTracer('test');
const say = (what) => console.log(JSON.stringify(what));
const spans = (count, attributes) => {
  for (let i = 0; i < count; i++) tracer.startSpan('span ' + i, { attributes }).end();
};
${text}
`;

const environment = (port: number, more: Record<string, string> = {}): Record<string, string> => ({
  PATH: process.env['PATH'] ?? '',
  OTEL_SERVICE_NAME: 'exporting',
  OTEL_EXPORTER_OTLP_ENDPOINT: `http://127.0.0.1:${port}`,
  OTEL_LOGS_EXPORTER: 'none',
  ...more,
});

async function sink(port = 0) {
  const receiver = await otlpSink(port);
  closing.push(() => receiver.close());
  const url = new URL(receiver.environment['OTEL_EXPORTER_OTLP_ENDPOINT']!);
  return { ...receiver, port: Number(url.port) };
}

/** Takes connections and never answers. */
async function tcp(): Promise<{ server: Server; port: number }> {
  const server = createServer((socket) => void socket.resume().on('error', () => {}));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return { server, port: (server.address() as AddressInfo).port };
}

/** Runs until it is told to go on by a line, of which it says each. */
function running(text: string, env: Record<string, string>) {
  const child: ChildProcess = spawn(
    process.execPath,
    [script(`service-${++services}.mjs`, application(text))],
    {
      env,
    },
  );
  closing.push(() => child.kill('SIGKILL'));
  const output = { stdout: '', stderr: '' };
  child.stdout!.setEncoding('utf8').on('data', (more: string) => (output.stdout += more));
  child.stderr!.setEncoding('utf8').on('data', (more: string) => (output.stderr += more));
  return Object.assign(output, {
    child,
    exited: once(child, 'exit'),
    lines: () =>
      output.stdout
        .split('\n')
        .filter(Boolean)
        .map((line) => JSON.parse(line) as Counts),
  });
}

interface Counts {
  started: number;
  exported: number;
  dropped: number;
  droppedBy: Record<string, number>;
  pending: number;
  spilled: number;
  recovered: number;
  torn: number;
}

describe('the whole program receives what it sends', () => {
  let receiver: Awaited<ReturnType<typeof throughlineReceiver>>;
  beforeAll(async () => {
    receiver = await throughlineReceiver();
  });
  afterAll(() => receiver.close());

  const traced = application(`
    const { context, ROOT_CONTEXT } = await import('${api}');
    const remote = { traceId: process.env.TRACE_ID, spanId: 'b7ad6b7169203331', traceFlags: 1, isRemote: true };
    const parent = tracer.startSpan('parent', { kind: 1, attributes: { list: ['a', 'b'], half: '\\ud800', n: 0.5 } },
      trace.setSpanContext(ROOT_CONTEXT, remote));
    const child = tracer.startSpan('child', {}, trace.setSpan(ROOT_CONTEXT, parent));
    child.recordException(new Error('no'));
    child.setStatus({ code: 2, message: 'failed' });
    child.end();
    parent.end();
  `);

  for (const protocol of ['http/protobuf', 'http/json', 'grpc'])
    for (const compression of ['none', 'gzip'])
      test(`over ${protocol}, compression ${compression}`, async () => {
        const traceId = Buffer.from(`${protocol} ${compression}`.padEnd(16).slice(-16)).toString('hex');
        const env = {
          PATH: process.env['PATH'],
          TRACE_ID: traceId,
          OTEL_EXPORTER_OTLP_PROTOCOL: protocol,
          OTEL_EXPORTER_OTLP_COMPRESSION: compression,
          OTEL_EXPORTER_OTLP_ENDPOINT: receiver.program.url(protocol === 'grpc' ? 'OTLP/gRPC' : 'OTLP/HTTP'),
          OTEL_SERVICE_NAME: 'exporting',
          OTEL_LOGS_EXPORTER: 'none',
        };
        const { stderr } = await run(process.execPath, [script('traced.mjs', traced)], { env });
        expect(stderr).toBe('');
        const { spans } = await traceOnce(receiver, traceId, (received) => received.spans.length === 2);
        expect(treeOf(spans)).toBe('exporting: parent\n  exporting: child !\n');
        const [parent, child] = spans;
        expect(parent).toMatchObject({
          remoteParent: true,
          kind: 'server',
          attributes: { list: ['a', 'b'], half: '\ufffd', n: 0.5 },
        });
        expect(child).toMatchObject({
          message: 'failed',
          remoteParent: false,
          events: [{ name: 'exception' }],
        });
      });
});

const nodes = [
  { version: process.versions.node, path: process.execPath, missing: undefined },
  { version: '24', ...(await anotherNode(24)) },
];

describe.each(nodes)('on Node $version', ({ path, missing }) => {
  const onThis = test.skipIf(path === undefined);
  const node = path ?? '';
  if (missing) test('is not run', (context) => skipHere(context, missing));

  onThis('its own requests are not traced, and keep no process alive', async () => {
    const receiver = await sink();
    const text = `
      import http from 'node:http';
      import { trace } from '${api}';
      http.get('http://127.0.0.1:1/').on('error', () => {});
      trace.getTracer('test').startSpan('own').end();
      // While the connection to the receiver is open and idle, there is nothing to stay for.
      setTimeout(() => {}, 300);`;
    const env = environment(receiver.port, {
      OTEL_BSP_SCHEDULE_DELAY: '20',
      THROUGHLINE_NETWORK_PHASES: 'off',
    });
    const begun = performance.now();
    await run(node, ['--import', register, script('own.mjs', text)], { env });
    expect(performance.now() - begun).toBeLessThan(5000);
    expect(receiver.all.spans.map(({ name }) => name).toSorted()).toEqual(['GET', 'own']);
  });

  onThis(
    'a receiver that never answers holds up the end of a process no longer than five seconds',
    async () => {
      const silent = await tcp();
      closing.push(() => silent.server.close());
      const begun = performance.now();
      const { stdout } = await run(
        node,
        [
          script(
            'silent.mjs',
            application(`spans(3);
      process.on('exit', () => say(telemetry.stats()));`),
          ),
        ],
        { env: environment(silent.port) },
      );
      expect(performance.now() - begun).toBeLessThan(8000);
      expect(JSON.parse(stdout)).toMatchObject({ started: 3, exported: 0 });
    },
  );

  onThis('workers and forks of a process export what is theirs', async () => {
    const receiver = await sink();
    const text = application(`
      import { Worker, isMainThread } from 'node:worker_threads';
      import cluster from 'node:cluster';
      const role = !isMainThread ? 'thread' : cluster.isPrimary ? 'primary' : 'fork';
      tracer.startSpan(role).end();
      if (role === 'primary') {
        new Worker(new URL(import.meta.url));
        cluster.fork();
      }
      if (role === 'fork') setTimeout(() => cluster.worker.disconnect(), 50);`);
    await run(node, [script('roles.mjs', text)], { env: environment(receiver.port) });
    await eventually(async () => receiver.all.spans.length === 3);
    expect(receiver.all.spans.map(({ name }) => name).toSorted()).toEqual(['fork', 'primary', 'thread']);
  });
});

test('an outage is said once, and its end; nothing is lost meanwhile', async () => {
  const port = await freePort();
  const service = running(
    `setInterval(() => spans(1), 20);
     setInterval(() => say(telemetry.stats()), 50);`,
    environment(port, { OTEL_BSP_SCHEDULE_DELAY: '20' }),
  );
  await eventually(async () => /cannot export/.test(service.stderr));
  await eventually(async () => (service.lines().at(-1)?.pending ?? 0) > 30);
  const receiver = await sink(port);
  await eventually(async () => /exporting spans again/.test(service.stderr));
  const told = service.stderr.split('\n').filter(Boolean);
  expect(told).toEqual([
    expect.stringMatching(
      /^throughline: cannot export spans: .*ECONNREFUSED.*; they are kept, up to 128 MB, until it works$/,
    ),
    expect.stringMatching(/^throughline: exporting spans again after \d+\.\d s; none were lost$/),
  ]);
  const last = service.lines().at(-1)!;
  service.child.kill('SIGTERM');
  await service.exited;
  for (const { started, exported, dropped, pending } of service.lines())
    expect(started).toBe(exported + dropped + pending);
  expect(last.dropped).toBe(0);
  expect(receiver.all.spans.length).toBeGreaterThanOrEqual(last.started);
});

describe('with a spill folder', () => {
  const spilling = (name: string): { folder: string; env: Record<string, string> } => {
    const spill = join(folder, name);
    return {
      folder: spill,
      env: {
        THROUGHLINE_SPILL_DIR: spill,
        THROUGHLINE_EXPORT_MAX_BYTES: '3000000',
        OTEL_BSP_SCHEDULE_DELAY: '100',
      },
    };
  };
  const filling = `spans(20_000, { text: 'x'.repeat(500) });
    say(telemetry.stats());
    setInterval(() => {}, 1000);`;

  test('what it holds survives kill -9, and the next process sends it', async () => {
    const port = await freePort();
    const { env, folder: spill } = spilling('killed');
    const first = running(filling, environment(port, env));
    await eventually(async () => first.lines().length === 1);
    first.child.kill('SIGKILL');
    await first.exited;
    const [counts] = first.lines();
    expect(counts).toMatchObject({ started: 20_000, dropped: 0, pending: 20_000 });
    expect(counts!.spilled).toBeGreaterThan(10_000);
    writeFileSync(join(spill, '1700000000000-1-00000000.otlp'), 'torn');

    const receiver = await sink(port);
    const second = running('setInterval(() => say(telemetry.stats()), 50);', environment(port, env));
    await eventually(async () => second.lines().at(-1)?.recovered === counts!.spilled);
    expect(second.lines().at(-1)).toMatchObject({ started: 0, exported: 0, pending: 0, torn: 1 });
    expect(receiver.all.spans).toHaveLength(counts!.spilled);
    expect(readdirSync(spill)).toEqual(['1700000000000-1-00000000.otlp.torn']);
  });

  test.each(['SIGTERM', 'SIGINT', 'process.exit'])(
    'nothing is lost when the process ends by %s',
    async (how) => {
      const port = await freePort();
      const { env, folder: spill } = spilling(how);
      const first = running(
        `${filling}${how === 'process.exit' ? ' setTimeout(() => process.exit(3), 50);' : ''}`,
        environment(port, env),
      );
      await eventually(async () => first.lines().length === 1);
      if (how.startsWith('SIG')) first.child.kill(how as NodeJS.Signals);
      expect(await first.exited).toEqual(how.startsWith('SIG') ? [null, how] : [3, null]);
      expect(readdirSync(spill).length).toBeGreaterThan(10);

      const receiver = await sink(port);
      const second = running('setInterval(() => say(telemetry.stats()), 50);', environment(port, env));
      await eventually(async () => second.lines().at(-1)?.recovered === 20_000);
      expect(receiver.all.spans).toHaveLength(20_000);
    },
  );

  test('two processes share it, and every span arrives', async () => {
    const port = await freePort();
    const { env } = spilling('shared');
    const both = [running(filling, environment(port, env)), running(filling, environment(port, env))];
    await eventually(async () => both.every((each) => each.lines().length === 1));
    const receiver = await sink(port);
    await eventually(async () => receiver.all.spans.length >= 40_000, 20_000);
    expect(new Set(receiver.all.spans.map(({ spanId }) => spanId)).size).toBe(40_000);
  });
});

test.each(['http/protobuf', 'grpc'])(
  'a receiver that never accepts a connection holds a process over %s no longer than an attempt may take',
  async (protocol) => {
    // Two connections wait to be accepted, which nobody does; what comes then is not answered by the system.
    const listen = `const server = require('net').createServer().listen({ port: 0, host: '127.0.0.1', backlog: 1 }, () => {
      require('fs').writeSync(1, String(server.address().port));
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);
    });`;
    const hole = spawn(process.execPath, ['-e', listen], { stdio: ['ignore', 'pipe', 'inherit'] });
    closing.push(() => hole.kill('SIGKILL'));
    const [chunk] = (await once(hole.stdout, 'data')) as [Buffer];
    const port = Number(chunk.toString());
    const waiting = Array.from({ length: 4 }, () => connect(port, '127.0.0.1').on('error', () => {}));
    closing.push(() => waiting.forEach((socket) => socket.destroy()));
    await eventually(async () => waiting.filter(({ connecting }) => !connecting).length >= 2);
    const app = script('black-hole.mjs', application(`spans(1); say('done');`));
    const env = environment(port, {
      OTEL_EXPORTER_OTLP_PROTOCOL: protocol,
      OTEL_EXPORTER_OTLP_TIMEOUT: '1000',
    });
    // One that is held is killed, and then this rejects.
    const { stdout, stderr } = await run(process.execPath, [app], { env, timeout: 15_000 });
    expect(stdout).toBe('"done"\n');
    expect(stderr).toContain('no answer within 1000 ms');
  },
);
