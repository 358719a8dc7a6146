import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createServer } from 'node:net';
import { createInterface } from 'node:readline';
import { afterEach, beforeAll, expect, test } from 'vitest';
import { buildOnce, repository } from './support/build.ts';
import { eventually } from './support/eventually.ts';
import { type Environment, HelloTracing, type LogLine, Service } from './support/hello-tracing.ts';
import { otlpSink } from './support/otlp-sink.ts';
import { type SeenSpan, spanNamed, traceOnce, treeOf } from './support/telemetry-receiver.ts';

const texts = ["Hello, I'm a tracing demo!", "Hello, I'm built with TypeScript, Node and gRPC!"];
const whole = `hello-tracing-gateway: incoming request
  hello-tracing-gateway: hello-handler
    hello-tracing-gateway: hello-backend-client
      hello-tracing-backend: incoming request
        hello-tracing-backend: hello-handler
`;
const closing: (() => unknown)[] = [];

beforeAll(buildOnce);
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

type Sink = Awaited<ReturnType<typeof otlpSink>>;

async function sinkFor(): Promise<Sink> {
  const sink = await otlpSink();
  closing.push(() => sink.close());
  return sink;
}

async function start(both: Environment = {}): Promise<{ sink: Sink; example: HelloTracing }> {
  const sink = await sinkFor();
  const example = await HelloTracing.start(sink, both);
  closing.push(() => example.stop());
  return { sink, example };
}

const parent = (traceId: string, flags = '01'): Record<string, string> => ({
  traceparent: `00-${traceId}-00f067aa0ba902b7-${flags}`,
});
const traceIdOf = (n: number): string => `4bf92f3577b34da6a3ce929d${n.toString(16).padStart(8, '0')}`;
/** Lines that were written during a request. */
const ofRequests = (log: readonly LogLine[]): LogLine[] => log.filter((line) => line.spans);

test('the texts alternate, by either path; a version that there is not is 404, a malformed one the newest', async () => {
  const { example } = await start();
  const answers = [
    await example.get('/v0/hello'),
    await example.get('/hello'),
    await example.get('/hello', { 'x-api-version': 'v0' }),
    await example.get('/hello', { 'x-api-version': '7' }),
  ];
  expect(answers).toEqual([0, 1, 0, 1].map((which) => ({ status: 200, body: texts[which] })));
  expect(await example.get('/hello', { 'x-api-version': 'v7' })).toEqual({
    status: 404,
    body: "unknown version '7'",
  });
  expect((await example.get('/v0/hello', { 'x-api-version': 'v7' })).status).toBe(200);
  expect((await example.get('/v1/hello')).status).toBe(404);
  expect((await example.get('//')).status).toBe(404);
  expect(await example.get('/')).toEqual({ status: 200, body: '' });
});

test('a call makes one trace of five spans over two services, and a probe makes none', async () => {
  const { sink, example } = await start();
  await example.get('/');
  await example.get('/', parent(traceIdOf(1)));
  await example.get('/hello');
  await example.get('/v0/hello');
  await example.stop();
  const traceIds = [...new Set(sink.all.spans.map((span) => span.traceId))];
  expect(traceIds).toHaveLength(2);
  for (const traceId of traceIds) {
    const { spans } = await traceOnce(sink, traceId, () => true);
    expect(treeOf(spans)).toBe(whole);
    expect(spans.map(({ kind }) => kind)).toEqual(['server', 'internal', 'client', 'server', 'internal']);
  }
});

test("the backend's request is the child of the gateway's call, as its metadata say", async () => {
  const { sink, example } = await start();
  await example.get('/hello', parent(traceIdOf(1)));
  const { spans } = await traceOnce(sink, traceIdOf(1), ({ spans: all }) => all.length === 5);
  const call = spanNamed(spans, 'hello-backend-client');
  const request = spans.find(({ service, kind }) => service.endsWith('backend') && kind === 'server');
  expect([request?.parentSpanId, request?.remoteParent]).toEqual([call.spanId, true]);
  expect(request?.attributes['rpc.grpc.request.metadata.traceparent']).toEqual([
    expect.stringMatching(new RegExp(`^00-${call.traceId}-${call.spanId}-0[13]$`)),
  ]);
});

test('a valid traceparent is joined, an invalid one is not', async () => {
  const { sink, example } = await start();
  const traceparents = [
    parent(traceIdOf(1)),
    parent('0'.repeat(32)),
    { traceparent: '00-nonsense-01' },
    parent(traceIdOf(2).toUpperCase()),
  ];
  for (const headers of traceparents) expect((await example.get('/hello', headers)).status).toBe(200);
  await example.stop();
  const roots = sink.all.spans.filter(
    ({ service, kind }) => service.endsWith('gateway') && kind === 'server',
  );
  expect(roots.map(({ traceId }) => traceId === traceIdOf(1))).toEqual([true, false, false, false]);
  expect(roots.map(({ parentSpanId }) => parentSpanId)).toEqual([
    '00f067aa0ba902b7',
    undefined,
    undefined,
    undefined,
  ]);
  expect(new Set(roots.map(({ traceId }) => traceId)).size).toBe(4);
});

test('a caller that does not sample gets an answer and no span', async () => {
  const { sink, example } = await start();
  expect((await example.get('/hello', parent(traceIdOf(1), '00'))).status).toBe(200);
  await example.get('/hello', parent(traceIdOf(2)));
  await example.stop();
  expect(new Set(sink.all.spans.map(({ traceId }) => traceId))).toEqual(new Set([traceIdOf(2)]));
  const lines = ofRequests(example.log).filter((line) => line.trace_id === traceIdOf(1));
  expect(lines.map(({ message }) => message)).toEqual(['received response from Hello', 'answering']);
});

test('a backend that is down is a 500 whose spans and log line say which and why', async () => {
  const { sink, example } = await start();
  const endpoint = `http://127.0.0.1:${await example.backend.port}`;
  await example.backend.stop();
  expect(await example.get('/hello', parent(traceIdOf(1)))).toEqual({ status: 500, body: '' });
  const { spans } = await traceOnce(sink, traceIdOf(1), ({ spans: all }) => all.length === 3);
  expect(treeOf(spans)).toBe(`hello-tracing-gateway: incoming request !
  hello-tracing-gateway: hello-handler !
    hello-tracing-gateway: hello-backend-client !
`);
  const why = new RegExp(`^cannot call the backend at ${endpoint}: 14 UNAVAILABLE: .*ECONNREFUSED`);
  expect(spanNamed(spans, 'incoming request').message).toMatch(why);
  expect(spanNamed(spans, 'hello-handler').message).toMatch(why);
  expect(spanNamed(spans, 'hello-handler').events.map(({ name }) => name)).toEqual(['exception']);
  const errors = example.gateway.log.filter(({ level }) => level === 'ERROR');
  expect(errors).toEqual([
    expect.objectContaining({
      message: 'internal error',
      trace_id: traceIdOf(1),
      error: expect.stringMatching(why),
    }),
  ]);
});

test('each line of a request is JSON and leads to the exported span, in both services', async () => {
  const { sink, example } = await start();
  await example.get('/hello', parent(traceIdOf(1)));
  const { spans, logs } = await traceOnce(
    sink,
    traceIdOf(1),
    (seen) => seen.spans.length === 5 && seen.logs.length === 2,
  );
  const expected = (service: string, target: string, message: string, more: object) => ({
    timestamp: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/),
    level: 'DEBUG',
    target,
    message,
    text: texts[0],
    span: { name: 'hello-handler' },
    spans: [{ name: 'incoming request', ...more, trace_id: traceIdOf(1) }, { name: 'hello-handler' }],
    trace_id: traceIdOf(1),
    span_id: spanNamed(
      spans.filter((span) => span.service === service),
      'hello-handler',
    ).spanId,
  });
  const endpoint = `http://127.0.0.1:${await example.backend.port}`;
  expect(ofRequests(example.gateway.log)).toMatchObject([
    {
      ...expected('hello-tracing-gateway', 'hello_tracing_gateway', 'received response from Hello', {
        path: '/hello',
      }),
      endpoint,
    },
  ]);
  expect(ofRequests(example.backend.log)).toMatchObject([
    expected('hello-tracing-backend', 'hello_tracing_backend', 'answering', {}),
  ]);
  // The same lines are log records of the trace.
  expect(logs.map(({ body, spanId }) => [body, spanId])).toEqual(
    [...ofRequests(example.backend.log), ...ofRequests(example.gateway.log)].map((line) => [
      line.message,
      line.span_id,
    ]),
  );
});

test('a hundred requests at once never mix their ids in the logs', async () => {
  const { sink, example } = await start({ APP__BACKEND__TIMEOUT_MS: '20000' });
  const traceIds = Array.from({ length: 100 }, (_, n) => traceIdOf(n));
  await Promise.all(traceIds.map((traceId) => example.get('/hello', parent(traceId))));
  await example.stop();
  for (const service of [example.gateway, example.backend]) {
    const lines = ofRequests(service.log);
    expect(new Set(lines.map((line) => line.trace_id))).toEqual(new Set(traceIds));
    expect(lines).toHaveLength(traceIds.length);
    const spanOf = new Map(sink.all.spans.map((span): [string, SeenSpan] => [span.spanId, span]));
    for (const line of lines) {
      expect(spanOf.get(line.span_id ?? '')?.traceId).toBe(line.trace_id);
      expect(line.spans?.[0]?.trace_id).toBe(line.trace_id);
    }
  }
  // Each gateway line has the text that the backend wrote in the same trace.
  const textOf = new Map(ofRequests(example.backend.log).map((line) => [line.trace_id, line['text']]));
  for (const line of ofRequests(example.gateway.log)) expect(line['text']).toBe(textOf.get(line.trace_id));
});

test('the configuration comes from a file, variables, and a filter of log lines', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'hello-tracing-'));
  closing.push(() => rmSync(folder, { recursive: true }));
  const file = join(folder, 'own.yaml');
  writeFileSync(
    file,
    'api: {address: 127.0.0.1, port: 1}\ntelemetry: {tracing: {enabled: true, service_name: from-file}}\n',
  );
  const { sink, example } = await start({
    CONFIG_FILE: file,
    LOG_FILTER: 'hello_tracing_gateway=debug,info',
  });
  await example.get('/hello');
  await example.stop();
  expect(new Set(sink.all.spans.map(({ service }) => service))).toEqual(new Set(['from-file']));
  expect(example.gateway.log.map(({ level }) => level)).toContain('DEBUG');
  expect(example.backend.log.map(({ level }) => level)).not.toContain('DEBUG');

  const named = await start({ CONFIG_FILE: file, APP__TELEMETRY__TRACING__SERVICE_NAME: 'from-variable' });
  await named.example.get('/hello');
  await named.example.stop();
  expect(new Set(named.sink.all.spans.map(({ service }) => service))).toEqual(new Set(['from-variable']));
});

test('the endpoint of the configuration is where spans go', async () => {
  const sink = await sinkFor();
  const { OTEL_EXPORTER_OTLP_ENDPOINT: endpoint = '' } = sink.environment;
  const { example } = await start({
    ...sink.environment,
    OTEL_EXPORTER_OTLP_ENDPOINT: 'http://127.0.0.1:1',
    APP__TELEMETRY__TRACING__OTLP_EXPORTER_ENDPOINT: endpoint,
  });
  await example.get('/hello');
  await example.stop();
  expect(sink.all.spans).toHaveLength(5);
});

test.for<[what: string, environment: Environment, why: RegExp]>([
  ['without an endpoint', {}, /^configuration: backend: /],
  ['with a key that there is not', { APP__TRACING__ENABLED: 'false' }, /Unrecognized key: "tracing"/],
  ['without its file', { CONFIG_FILE: '/nowhere/config.yaml' }, /cannot read \/nowhere\/config.yaml: ENOENT/],
  ['with a filter that is none', { LOG_FILTER: 'loud' }, /LOG_FILTER: loud is none of/],
])('a gateway %s ends at once, with one line of JSON', async ([, environment, why]) => {
  const gateway = new Service('gateway', environment);
  expect(await gateway.exited).toBe(1);
  expect(gateway.log).toEqual([
    {
      timestamp: expect.stringMatching(/Z$/),
      level: 'ERROR',
      target: 'hello_tracing_gateway',
      message: 'process exited with ERROR',
      error: expect.stringMatching(why),
    },
  ]);
});

test('with tracing disabled all works, nothing is exported, and no id is made up', async () => {
  const { sink, example } = await start({ APP__TELEMETRY__TRACING__ENABLED: 'false' });
  expect((await example.get('/hello', parent(traceIdOf(1)))).status).toBe(200);
  await example.stop();
  expect(sink.all).toEqual({ spans: [], logs: [] });
  const lines = ofRequests(example.log);
  expect(lines.map(({ spans }) => spans?.map(({ name }) => name))).toEqual(
    Array(2).fill(['incoming request', 'hello-handler']),
  );
  expect(JSON.stringify(lines)).not.toMatch(/trace_id|span_id|0{16}/);
});

test('a receiver that is not there, or does not answer, holds up no request', async () => {
  const silent = createServer(() => {});
  await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve));
  closing.push(() => silent.close());
  const address = silent.address();
  const port = typeof address === 'object' ? address?.port : 0;
  for (const endpoint of ['http://127.0.0.1:1', `http://127.0.0.1:${port}`]) {
    const example = await HelloTracing.start({ environment: { OTEL_EXPORTER_OTLP_ENDPOINT: endpoint } });
    await example.get('/hello');
    const started = performance.now();
    for (let i = 0; i < 20; i++) expect((await example.get('/hello')).status).toBe(200);
    expect(performance.now() - started).toBeLessThan(2000);
    example.kill();
  }
});

test('SIGTERM right after a request exports its spans and its lines', async () => {
  const { sink, example } = await start({
    OTEL_BSP_SCHEDULE_DELAY: '60000',
    OTEL_BLRP_SCHEDULE_DELAY: '60000',
  });
  await example.get('/hello');
  expect(sink.all.spans).toEqual([]);
  expect(await Promise.all([example.gateway.stop(), example.backend.stop()])).toEqual([0, 0]);
  expect(treeOf(sink.all.spans.toSorted((a, b) => Number(a.start - b.start)))).toBe(whole);
  expect(sink.all.logs.filter(({ traceId }) => traceId !== '')).toHaveLength(2);
});

test('secrets in headers are not recorded', async () => {
  const { sink, example } = await start();
  const secrets = { authorization: 'Bearer hunter2', cookie: 'session=hunter2', 'x-api-key': 'hunter2' };
  await example.get('/hello', { ...secrets, ...parent(traceIdOf(1)), 'x-api-version': 'v0' });
  const { spans } = await traceOnce(sink, traceIdOf(1), ({ spans: all }) => all.length === 5);
  const [{ attributes } = { attributes: {} }] = spans;
  expect(attributes).toMatchObject({
    'http.request.header.authorization': ['[redacted]'],
    'http.request.header.cookie': ['[redacted]'],
    'http.request.header.x-api-key': ['[redacted]'],
    'http.request.header.x-api-version': ['v0'],
  });
  const all = JSON.stringify([sink.all, example.log], (_key, value: unknown) =>
    typeof value === 'bigint' ? String(value) : value,
  );
  expect(all).not.toContain('hunter2');
});

test('one command waits for the server, runs services and traffic, and ends with all of them', async () => {
  // A port that was free a moment ago.
  const free = await otlpSink();
  await free.close();
  const { OTEL_EXPORTER_OTLP_ENDPOINT: endpoint = '' } = free.environment;
  const child = spawn(process.execPath, [join(repository, 'examples', 'hello-tracing', 'dist', 'run.js')], {
    env: {
      PATH: process.env['PATH'],
      ...free.environment,
      TRAFFIC_EVERY_MS: '50',
    },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  closing.push(() => child.kill('SIGKILL'));
  const exited = new Promise((resolve) => child.once('exit', (code, signal) => resolve(signal ?? code)));
  const lines = createInterface(child.stdout)[Symbol.asyncIterator]();
  expect((await lines.next()).value).toMatch(/^hello-tracing: waits for 127\.0\.0\.1:\d+ to listen$/);
  const receiver = await otlpSink(Number(new URL(endpoint).port));
  closing.push(() => receiver.close());
  let address: string | undefined;
  while (!address) [, address] = /try curl (http:\/\/\S+)/.exec((await lines.next()).value ?? '') ?? [];
  await eventually(async () => receiver.all.spans.length >= 10);
  expect((await fetch(address)).status).toBe(200);
  child.kill('SIGTERM');
  expect(await exited).toBe(0);
  await expect(fetch(address)).rejects.toThrow('fetch failed');
});

test('started twice at the same time, each gets ports of its own', async () => {
  const sink = await sinkFor();
  const start = async (): Promise<string> => {
    const child = spawn(process.execPath, [join(repository, 'examples', 'hello-tracing', 'dist', 'run.js')], {
      env: { PATH: process.env['PATH'], ...sink.environment },
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const exited = new Promise((resolve) => child.once('exit', resolve));
    closing.push(() => child.kill('SIGTERM') && exited);
    for await (const line of createInterface(child.stdout)) {
      const [, address] = /try curl (http:\/\/\S+)/.exec(line) ?? [];
      if (address) return address;
    }
    throw new Error('it has ended');
  };
  const addresses = await Promise.all([start(), start()]);
  expect(new Set(addresses).size).toBe(2);
  for (const address of addresses) expect((await fetch(address)).status).toBe(200);
});

test('started by npm it ends with success at Ctrl-C, and with npm when that is killed', async () => {
  const sink = await sinkFor();
  const start = async (): Promise<{ npm: ChildProcess; address: string }> => {
    const npm = spawn('npm', ['start', '-w', 'throughline-example-hello-tracing'], {
      cwd: repository,
      env: { PATH: process.env['PATH'], HOME: process.env['HOME'], ...sink.environment },
      stdio: ['ignore', 'pipe', 'ignore'],
      detached: true,
    });
    closing.push(() => npm.kill('SIGTERM'));
    for await (const line of createInterface(npm.stdout)) {
      const [, address] = /try curl (http:\/\/\S+)/.exec(line) ?? [];
      if (address) return { npm, address };
    }
    throw new Error('it has ended');
  };
  const first = await start();
  const exited = new Promise((resolve) => first.npm.once('exit', (code, signal) => resolve(signal ?? code)));
  process.kill(-(first.npm.pid ?? 0), 'SIGINT');
  expect(await exited).toBe(0);
  const second = await start();
  second.npm.kill('SIGKILL');
  await eventually(() =>
    fetch(second.address).then(
      () => false,
      () => true,
    ),
  );
});
