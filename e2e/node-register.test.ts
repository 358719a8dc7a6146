import { execFile, spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer as createHttp2Server } from 'node:http2';
import { type IncomingMessage, createServer } from 'node:http';
import type { AddressInfo, Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { anotherNode } from './support/another-node.ts';
import { buildOnce, repository } from './support/build.ts';
import { otlpSink } from './support/otlp-sink.ts';
import { skipHere } from './support/skip-here.ts';
import { type TelemetryReceiver, treeOf } from './support/telemetry-receiver.ts';

const run = promisify(execFile);
const folderOfPackage = join(repository, 'packages', 'node');
const register = pathToFileURL(join(folderOfPackage, 'bin', 'register.cjs')).href;
const index = pathToFileURL(join(folderOfPackage, 'dist', 'node.cjs')).href;
const nodes = [
  { version: process.versions.node, path: process.execPath, missing: undefined },
  { version: '24', ...(await anotherNode(24)) },
];

/** Calls itself by every way that Node offers, and ends. `imports` binds `http`, `get` and `https`. */
const application = (imports: string): string => `${imports}
const server = http.createServer((request, response) => response.end(request.headers.traceparent ?? 'none'));
server.listen(0, '127.0.0.1', async () => {
  const url = 'http://127.0.0.1:' + server.address().port;
  const body = (send) => new Promise((resolve) => send(url, (response) => response.on('data', resolve)));
  const answers = [await body(http.get), await body(get), await (await fetch(url)).text()];
  https.get('https://127.0.0.1:1/').on('error', () => {
    console.log(JSON.stringify(answers.map(String)));
    server.close();
  });
});
`;
const esm = application(`import http, { get } from 'node:http';\nimport https from 'https';`);
const cjs = application(
  `const http = require('http');\nconst { get } = http;\nconst https = require('node:https');`,
);

let folder: string;
const closing: (() => unknown)[] = [];

beforeAll(async () => {
  await buildOnce();
  folder = mkdtempSync(join(tmpdir(), 'node-register-'));
  writeFileSync(join(folder, 'package.json'), '{"name": "shop", "version": "3.1.4"}');
  const greeter = join(folder, 'node_modules', 'greeter');
  mkdirSync(greeter, { recursive: true });
  writeFileSync(
    join(greeter, 'package.json'),
    '{"name": "greeter", "version": "1.0.0", "type": "module", "exports": "./index.js"}',
  );
  writeFileSync(join(greeter, 'index.js'), `export const greet = () => 'hello';`);
});
afterEach(async () => {
  for (const close of closing.splice(0)) await close();
});
afterAll(() => rmSync(folder, { recursive: true }));

function file(name: string, text: string): string {
  writeFileSync(join(folder, name), text);
  return join(folder, name);
}

async function sink(): ReturnType<typeof otlpSink> {
  const receiver = await otlpSink();
  closing.push(() => receiver.close());
  return receiver;
}

const environment = (receiver: TelemetryReceiver, more: Record<string, string> = {}): NodeJS.ProcessEnv => ({
  PATH: process.env['PATH'],
  ...receiver.environment,
  ...more,
});

describe.each(nodes)('with --import on Node $version', ({ path, missing }) => {
  const onThis = test.skipIf(path === undefined);
  const node = path ?? '';
  if (missing) test('is not run', (context) => skipHere(context, missing));

  for (const [kind, name, text] of [
    ['an ES module', 'app.mjs', esm],
    ['a CommonJS module', 'app.cjs', cjs],
  ] as const) {
    onThis(`${kind} is traced as it is: servers, http, https and fetch`, async () => {
      const receiver = await sink();
      const { stdout, stderr } = await run(node, ['--import', register, file(name, text)], {
        env: environment(receiver, { THROUGHLINE_NETWORK_PHASES: 'off' }),
      });
      const traceIds = (JSON.parse(stdout) as string[]).map((header) => header.split('-')[1]);
      expect(stderr).toBe('');
      for (const traceId of traceIds) {
        expect(treeOf(receiver.all.spans.filter((span) => span.traceId === traceId))).toBe(
          'shop: GET\n  shop: GET\n',
        );
      }
      expect(new Set(traceIds).size).toBe(3);
      expect(receiver.all.spans.filter((span) => span.error)).toHaveLength(1);
      expect(receiver.all.spans).toHaveLength(7);
    });
  }

  onThis('a package that comes by import is patched for whom asks', async () => {
    const instrumentation = pathToFileURL(
      join(repository, 'node_modules', '@opentelemetry', 'instrumentation', 'build', 'src', 'index.js'),
    ).href;
    const app = `
      import { start } from '${index}';
      import { InstrumentationBase, InstrumentationNodeModuleDefinition } from '${instrumentation}';
      class Greeter extends InstrumentationBase {
        constructor() { super('greeter', '1', {}); }
        init() {
          return [new InstrumentationNodeModuleDefinition('greeter', ['*'], (module) => {
            this._wrap(module, 'greet', (greet) => () => greet() + ', patched');
            return module;
          })];
        }
      }
      start({ instrumentations: [new Greeter()], flushOnExit: false });
      const { greet } = await import('greeter');
      console.log(greet());
    `;
    const { stdout } = await run(node, [file('greet.mjs', app)], {
      env: { OTEL_TRACES_EXPORTER: 'none', OTEL_LOGS_EXPORTER: 'none' },
    });
    expect(stdout).toBe('hello, patched\n');
  });

  onThis('network phases are shown', async () => {
    const receiver = await sink();
    const env = environment(receiver, {
      THROUGHLINE_NETWORK_PHASES: 'nested',
      OTEL_NODE_DISABLED_INSTRUMENTATIONS: 'undici',
    });
    await run(node, ['--import', register, file('app.mjs', esm)], { env });
    const [first] = receiver.all.spans.filter((span) => span.name === 'http.connect');
    const trace = receiver.all.spans.filter((span) => span.traceId === first?.traceId);
    expect(treeOf(trace.toSorted((a, b) => Number(a.start - b.start)))).toContain(`  shop: http.getconn
    shop: http.connect
  shop: http.headers
`);
  });
});

/** Keeps its span open until it is told to end, and says when it listens. */
const waiting = (onSignal: string): string => `
import http from 'node:http';
const server = http.createServer((request, response) => response.end('hello'));
server.listen(0, '127.0.0.1', () => {
  http.get('http://127.0.0.1:' + server.address().port, (response) => {
    response.resume().on('end', () => console.log('ready'));
  });
});
${onSignal}
`;

async function terminated(
  onSignal: string,
): Promise<{ code: number | null; signal: string | null; spans: number }> {
  const receiver = await sink();
  const args = ['--import', register, file('waiting.mjs', waiting(onSignal))];
  const child = spawn(process.execPath, args, {
    env: environment(receiver, { THROUGHLINE_NETWORK_PHASES: 'off' }),
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  await new Promise((resolve) => child.stdout.once('data', resolve));
  child.kill('SIGTERM');
  const [code, signal] = await new Promise<[number | null, string | null]>((resolve) =>
    child.once('exit', (...how) => resolve(how)),
  );
  return { code, signal, spans: receiver.all.spans.length };
}

test('SIGTERM ends the process as without tracing, once its spans are exported', async () => {
  expect(await terminated('')).toEqual({ code: null, signal: 'SIGTERM', spans: 2 });
});

test('SIGTERM is left to an application that handles it', async () => {
  const handler = `
    let times = 0;
    process.on('SIGTERM', () => {
      process.exitCode = 7 + times++;
      setTimeout(() => server.close().closeAllConnections(), 300);
    });`;
  expect(await terminated(handler)).toEqual({ code: 7, signal: null, spans: 2 });
});

test('a second signal ends the process at once, though its spans cannot be exported', async () => {
  const server = createServer(() => {});
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  closing.push(() => {
    server.close();
    server.closeAllConnections();
  });
  const exporting = new Promise((resolve) => server.once('request', resolve));
  const child = spawn(process.execPath, ['--import', register, file('waiting.mjs', waiting(''))], {
    env: {
      PATH: process.env['PATH'],
      OTEL_EXPORTER_OTLP_ENDPOINT: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const exited = new Promise((resolve) => child.once('exit', (_code, signal) => resolve(signal)));
  await new Promise((resolve) => child.stdout.once('data', resolve));
  child.kill('SIGINT');
  await exporting;
  const asked = performance.now();
  child.kill('SIGINT');
  expect(await exited).toBe('SIGINT');
  expect(performance.now() - asked).toBeLessThan(3000);
});

test('start() in code traces what was imported before it; a second call is told so', async () => {
  const receiver = await sink();
  const app = esm.replace(
    'const server',
    `import { start } from '${index}';\nstart({ serviceName: 'by-code', networkPhases: 'off' });\nstart();\nconst server`,
  );
  const { stderr } = await run(process.execPath, [file('code.mjs', app)], { env: environment(receiver) });
  expect(stderr).toBe('throughline: start() was called before; what this call asks for is not done\n');
  expect(receiver.all.spans.map((span) => span.service)).toEqual(Array(7).fill('by-code'));
});

test('OTEL_SDK_DISABLED leaves everything alone', async () => {
  const receiver = await sink();
  const env = environment(receiver, { OTEL_SDK_DISABLED: 'true' });
  const { stdout } = await run(process.execPath, ['--import', register, file('app.mjs', esm)], { env });
  expect([JSON.parse(stdout), receiver.all.spans]).toEqual([['none', 'none', 'none'], []]);
});

test('the console is an exporter, and so is none', async () => {
  const app = file('app.mjs', esm);
  const env = { OTEL_TRACES_EXPORTER: 'console', OTEL_LOGS_EXPORTER: 'none', OTEL_SERVICE_NAME: 'named' };
  const { stdout } = await run(process.execPath, ['--import', register, app], { env });
  expect(stdout).toContain("name: 'http.getconn'");
  expect(stdout).toContain("'service.name': 'named'");
  const silent = await run(process.execPath, ['--import', register, app], {
    env: { ...env, OTEL_TRACES_EXPORTER: 'none' },
  });
  expect(silent.stdout.split('\n')).toHaveLength(2);
});

test('a receiver that is not there is said once, loudly, and the application goes on', async () => {
  const env = { OTEL_EXPORTER_OTLP_ENDPOINT: 'http://127.0.0.1:1', OTEL_EXPORTER_OTLP_TIMEOUT: '500' };
  const { stdout, stderr } = await run(process.execPath, ['--import', register, file('app.mjs', esm)], {
    env,
  });
  expect(JSON.parse(stdout)).toHaveLength(3);
  expect(stderr).toMatch(/^throughline: cannot export spans: .*ECONNREFUSED.*\n$/);
});

describe('the wire is as the OTEL_EXPORTER_OTLP_* variables say', () => {
  interface Seen {
    path: string | undefined;
    headers: Record<string, unknown>;
  }

  async function sentOver(
    server: Server,
    seen: Seen[],
    more: Record<string, string>,
    app = file('app.mjs', esm),
  ): Promise<Seen[]> {
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    closing.push(() => server.close());
    const env = {
      OTEL_EXPORTER_OTLP_ENDPOINT: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
      OTEL_LOGS_EXPORTER: 'none',
      ...more,
    };
    await run(process.execPath, ['--import', register, app], { env });
    return seen;
  }

  function http(): { server: Server; seen: Seen[] } {
    const seen: Seen[] = [];
    const server = createServer((request: IncomingMessage, response) => {
      seen.push({ path: request.url, headers: request.headers });
      request.resume().on('end', () => response.end());
    });
    return { server, seen };
  }

  test('http/protobuf, compressed, with headers', async () => {
    const { server, seen } = http();
    const env = {
      OTEL_EXPORTER_OTLP_COMPRESSION: 'gzip',
      OTEL_EXPORTER_OTLP_HEADERS: 'api-key=secret,tenant=blue',
    };
    expect((await sentOver(server, seen, env))[0]).toMatchObject({
      path: '/v1/traces',
      headers: {
        'content-type': 'application/x-protobuf',
        'content-encoding': 'gzip',
        'api-key': 'secret',
        tenant: 'blue',
      },
    });
  });

  for (const protocol of ['http/protobuf', 'http/json']) {
    test(`log records over ${protocol}`, async () => {
      const { server, seen } = http();
      const app = `import { otlpLogStream } from '${index}';\notlpLogStream().write('{"msg": "hello"}');`;
      const env = { OTEL_LOGS_EXPORTER: 'otlp', OTEL_EXPORTER_OTLP_LOGS_PROTOCOL: protocol };
      expect((await sentOver(server, seen, env, file('log.mjs', app)))[0]).toMatchObject({
        path: '/v1/logs',
        headers: { 'content-type': `application/${protocol === 'http/json' ? 'json' : 'x-protobuf'}` },
      });
    });
  }

  test('http/json', async () => {
    const { server, seen } = http();
    expect(
      (await sentOver(server, seen, { OTEL_EXPORTER_OTLP_TRACES_PROTOCOL: 'http/json' }))[0],
    ).toMatchObject({
      path: '/v1/traces',
      headers: { 'content-type': 'application/json' },
    });
  });

  test('grpc', async () => {
    const seen: Seen[] = [];
    const server = createHttp2Server().on('stream', (stream, headers) => {
      seen.push({ path: headers[':path'], headers });
      stream.respond({ ':status': 200, 'content-type': 'application/grpc' }, { waitForTrailers: true });
      stream.on('wantTrailers', () => stream.sendTrailers({ 'grpc-status': '0' }));
      stream.resume().on('end', () => stream.end(Buffer.alloc(5)));
    });
    expect((await sentOver(server, seen, { OTEL_EXPORTER_OTLP_PROTOCOL: 'grpc' }))[0]).toMatchObject({
      path: '/opentelemetry.proto.collector.trace.v1.TraceService/Export',
      headers: { 'content-type': 'application/grpc' },
    });
  });
});

test('every propagator that can be named is there once the package is built', async () => {
  const receiver = await sink();
  const app = file(
    'propagators.mjs',
    `import http from 'node:http';
const server = http.createServer((request, response) => response.end(Object.keys(request.headers).join(' ')));
server.listen(0, '127.0.0.1', async () => {
  console.log(await (await fetch('http://127.0.0.1:' + server.address().port)).text());
  server.close();
});`,
  );
  const { stdout, stderr } = await run(process.execPath, ['--import', register, app], {
    env: environment(receiver, { OTEL_PROPAGATORS: 'tracecontext,b3,b3multi,jaeger,xray,ottrace' }),
  });
  expect(stderr).toBe('');
  expect(stdout.split(/\s/)).toEqual(
    expect.arrayContaining([
      'traceparent',
      'b3',
      'x-b3-traceid',
      'uber-trace-id',
      'x-amzn-trace-id',
      'ot-tracer-traceid',
    ]),
  );
});
