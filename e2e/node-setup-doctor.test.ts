import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, request } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Report } from '@throughline/node';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { programFile, repository } from './support/build.ts';
import { throughlineReceiver } from './support/throughline-receiver.ts';

/** Answers, once NEXT has, where there is one. */
const service = `
import { createServer } from 'node:http';
const server = createServer(async (request, response) => {
  if (process.env.NEXT) await fetch(process.env.NEXT);
  response.end();
});
server.listen(0, '127.0.0.1', () => console.log(server.address().port));
`;

let folder: string;
let receiver: Awaited<ReturnType<typeof throughlineReceiver>>;
const closing: (() => unknown)[] = [];

beforeAll(async () => {
  receiver = await throughlineReceiver();
  folder = mkdtempSync(join(tmpdir(), 'doctor-e2e-'));
  writeFileSync(join(folder, 'service.mjs'), service);
});
afterAll(async () => {
  for (const close of closing.toReversed()) await close();
  await receiver.close();
  rmSync(folder, { recursive: true });
});

async function start(name: string, next = '', traced = true): Promise<string> {
  const register = pathToFileURL(join(repository, 'packages', 'node', 'bin', 'register.cjs')).href;
  const args = [...(traced ? ['--import', register] : []), join(folder, 'service.mjs')];
  const child: ChildProcess = spawn(process.execPath, args, {
    env: {
      PATH: process.env['PATH'],
      ...receiver.environment,
      OTEL_SERVICE_NAME: name,
      OTEL_BSP_SCHEDULE_DELAY: '100',
      ...(next && { NEXT: next }),
    },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  closing.push(async () => {
    child.kill('SIGKILL');
    await once(child, 'exit');
  });
  const [port] = (await once(child.stdout!, 'data')) as [Buffer];
  return `http://127.0.0.1:${Number(String(port))}/`;
}

/** Passes requests on, but for the headers of a trace. */
async function strippingProxy(to: string): Promise<string> {
  const server = createServer(({ headers }, response) => {
    const { traceparent: _1, tracestate: _2, baggage: _3, ...kept } = headers;
    request(to, { headers: kept }, (answer) => void answer.pipe(response)).end();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  closing.push(() => {
    server.closeAllConnections();
    server.close();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
}

/** The report of the command with these arguments, and its exit status. */
function examine(
  env: Record<string, string>,
  ...args: string[]
): Promise<{ report: Report; status: number }> {
  const api = receiver.program.url('UI and API');
  return new Promise((resolve, reject) => {
    execFile(
      process.execPath,
      [programFile, 'doctor', '--json', '--api', api, ...args],
      { cwd: folder, env: { PATH: process.env['PATH'], ...receiver.environment, ...env } },
      (error, stdout, stderr) => {
        if (!stdout.startsWith('{')) return reject(new Error(`${stdout}${stderr}`));
        resolve({ report: JSON.parse(stdout) as Report, status: Number(error?.code ?? 0) });
      },
    );
  });
}

const hops = ({ findings }: Report): string[] =>
  findings
    .filter(({ check }) => check === 'hop')
    .map(({ status, subject, found }) =>
      `${status} ${subject}: ${found}`.replaceAll(/127\.0\.0\.1:\d+/g, 'HOST'),
    );

test('a chain that is whole is reported with its services, and everything else with it is well', async () => {
  const shop = await start('shop', await start('stock'));
  const { report, status } = await examine({}, '--http', shop);
  expect(hops(report)).toEqual(['ok http://HOST/: HTTP 200; in the trace: shop → stock']);
  expect(report.findings.filter((each) => each.status === 'problem')).toEqual([]);
  expect(report.findings.map(({ check }) => check)).toContain('clock');
  expect(status).toBe(0);
  const { spans } = await receiver.trace(report.traceId);
  expect(
    spans
      .filter(({ attributes }) => attributes['throughline.probe'] === true)
      .map(({ name }) => name)
      .toSorted(),
  ).toEqual(['doctor', 'probe http']);
});

test('a proxy that strips the context is found, with who got the request in a trace of its own', async () => {
  const proxy = await strippingProxy(await start('stock'));
  const { report, status } = await examine({}, '--http', proxy, '--wait', '4');
  expect(hops(report)).toEqual([
    'problem http://HOST/: HTTP 200; stock got the request, but in a trace of its own: the context was lost on the way',
  ]);
  expect(status).toBe(1);
});

test('a context that is lost further on is found at the call behind which nobody joins', async () => {
  const shop = await start('shop', await strippingProxy(await start('stock')));
  const { report } = await examine({}, '--http', shop, '--wait', '3');
  expect(hops(report)).toEqual([
    'ok http://HOST/: HTTP 200; in the trace: shop',
    'warning http://HOST/, further on: shop sent GET to http://HOST/ with the context, and nobody behind it has joined the trace',
  ]);
});

test('a service that is not traced is found, from the environment too', async () => {
  const plain = await start('plain', '', false);
  const { report, status } = await examine({ SERVER_URL: plain }, '--wait', '1');
  expect(hops(report)).toEqual([
    'warning http://HOST/ (SERVER_URL): HTTP 200; nobody behind it has joined the trace',
  ]);
  expect(status).toBe(0);
});

test('an exporter over gRPC is tried as one over HTTP, and the clock by the API', async () => {
  const { report, status } = await examine({
    OTEL_EXPORTER_OTLP_PROTOCOL: 'grpc',
    OTEL_EXPORTER_OTLP_ENDPOINT: receiver.program.url('OTLP/gRPC'),
  });
  const exports = report.findings.filter(({ check }) => check === 'exporter' || check === 'clock');
  expect(exports.map(({ status: how, found }) => `${how}: ${found}`)).toEqual([
    'ok: it took the spans of the probe',
    'ok: it listens',
    'ok: the same time, to a second',
  ]);
  expect(status).toBe(0);
});

test('an exporter that is not there is a problem', async () => {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  const { report, status } = await examine({ OTEL_EXPORTER_OTLP_ENDPOINT: `http://127.0.0.1:${port}` });
  expect(report.findings.filter((each) => each.status === 'problem')).toMatchObject([
    { check: 'exporter', found: `no connection to 127.0.0.1:${port} (ECONNREFUSED)` },
    { check: 'exporter', found: `no connection to 127.0.0.1:${port} (ECONNREFUSED)` },
  ]);
  expect(status).toBe(1);
});

test('a port that lets nobody connect does not keep the command after its report', async () => {
  // It listens, and never takes a connection; what fits into its queue is taken by others.
  const deaf = spawn(process.execPath, [
    '-e',
    `const server = require('net').createServer().listen({ port: 0, host: '127.0.0.1', backlog: 1 }, () => {
       require('fs').writeSync(1, String(server.address().port));
       Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);
     });`,
  ]);
  closing.push(() => deaf.kill('SIGKILL'));
  const port = String((await once(deaf.stdout, 'data'))[0]);
  const others = Array.from({ length: 4 }, () => connect(Number(port), '127.0.0.1').on('error', () => {}));
  closing.push(() => others.forEach((each) => each.destroy()));
  const begun = performance.now();
  const { report, status } = await examine({}, '--redis', `redis://127.0.0.1:${port}`);
  expect(hops(report)).toEqual([expect.stringContaining('no answer in 5000 ms')]);
  expect(status).toBe(1);
  expect(performance.now() - begun).toBeLessThan(25_000);
});
