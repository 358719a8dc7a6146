import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { type IncomingMessage, createServer, request } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { anotherNode } from './support/another-node.ts';
import { buildOnce, repository } from './support/build.ts';
import { skipHere } from './support/skip-here.ts';

/** Passes each request on to the URL in its body, over node:http or fetch as its path says. */
const service = `
import { createServer, get } from 'node:http';
const over = {
  '/http': (url) => new Promise((resolve, reject) => get(url, (answer) => answer.resume().on('end', resolve)).on('error', reject)),
  '/fetch': async (url) => (await fetch(url)).text(),
};
const server = createServer(async (request, response) => {
  let url = '';
  for await (const chunk of request) url += chunk;
  await over[request.url](url);
  response.end();
});
server.listen(0, '127.0.0.1', () => console.log(server.address().port));
`;

const nodes = [
  { version: process.versions.node, path: process.execPath, missing: undefined },
  { version: '24', ...(await anotherNode(24)) },
];
const traceId = '12345678901234567890123456789012';
const parent = `${traceId}-1234567890123456`;
const members = (from: number, to: number): string =>
  Array.from({ length: to - from + 1 }, (_, i) => `k${from + i}=${from + i}`).join(',');

type Header = [name: string, value: string];
const traceparent = (value: string): Header => ['traceparent', value];
const tracestate = (value: string): Header => ['tracestate', value];

// Names as in the sentences of W3C Trace Context Level 2; `goesOn` is what the next service gets to see.
const flags: [what: string, headers: Header[], goesOn: RegExp][] = [
  ['begins a random trace without a traceparent', [], /^00-[0-9a-f]{32}-[0-9a-f]{16}-03$/],
  [
    'keeps the trace and its sampled flag',
    [traceparent(`00-${parent}-01`)],
    new RegExp(`^00-${traceId}-(?!1234567890123456)[0-9a-f]{16}-01$`),
  ],
  [
    'keeps a trace that is not sampled',
    [traceparent(`00-${parent}-00`)],
    new RegExp(`^00-${traceId}-.{16}-00$`),
  ],
  ['keeps the random flag', [traceparent(`00-${parent}-02`)], new RegExp(`^00-${traceId}-.{16}-02$`)],
  ['keeps both flags', [traceparent(`00-${parent}-03`)], new RegExp(`^00-${traceId}-.{16}-03$`)],
  [
    'sets flags that it does not know to zero',
    [traceparent(`00-${parent}-fd`)],
    new RegExp(`^00-${traceId}-.{16}-01$`),
  ],
  ['takes the name in any case', [['TrAcEpArEnT', `00-${parent}-01`]], new RegExp(`^00-${traceId}`)],
  ['ignores white space around it', [traceparent(`\t 00-${parent}-01 \t`)], new RegExp(`^00-${traceId}`)],
  [
    'reads a later version as its own',
    [traceparent(`cc-${parent}-01-what-will-be`)],
    new RegExp(`^00-${traceId}-.{16}-01$`),
  ],
  [
    'begins anew after a later version of another form',
    [traceparent(`cc-${parent}-01.what`)],
    new RegExp(`^00-(?!${traceId})`),
  ],
  [
    'begins anew after two',
    [traceparent(`00-${parent}-01`), traceparent(`00-${parent}-01`)],
    new RegExp(`^00-(?!${traceId})`),
  ],
  ['begins anew after version ff', [traceparent(`ff-${parent}-01`)], new RegExp(`^00-(?!${traceId})`)],
  [
    'begins anew after something more in version 00',
    [traceparent(`00-${parent}-01-more`)],
    new RegExp(`^00-(?!${traceId})`),
  ],
  [
    'begins anew after ids of zeros',
    [traceparent(`00-${traceId}-0000000000000000-01`)],
    new RegExp(`^00-(?!${traceId})`),
  ],
];

const states: [what: string, values: string[], goesOn: string | undefined][] = [
  ['keeps the members and their order', ['foo=1,bar=2', 'rojo=1', '', 'baz=3'], 'foo=1,bar=2,rojo=1,baz=3'],
  ['ignores empty members and white space', ['foo=1 \t , \t,bar=2,'], 'foo=1,bar=2'],
  ['keeps keys with @', ['tenant@system=1,foo@=2,a@b@c=3'], 'tenant@system=1,foo@=2,a@b@c=3'],
  ['keeps keys of 256 characters', [`${'z'.repeat(256)}=1`], `${'z'.repeat(256)}=1`],
  ['drops all over a key that is longer', ['foo=1', `${'z'.repeat(257)}=1`], undefined],
  ['keeps 32 members', [members(1, 20), members(21, 32)], members(1, 32)],
  ['drops all of 33 members', [members(1, 20), members(21, 33)], undefined],
  ['drops all over an illegal value', ['foo=bar=baz,ok=1'], undefined],
  ['drops all over an empty value', ['foo=,ok=1'], undefined],
  ['drops all over an illegal key', ['FOO=1,ok=1'], undefined],
  ['keeps the first of two with the same key', ['foo=1,foo=2'], 'foo=1'],
];

let folder: string;
beforeAll(async () => {
  await buildOnce();
  folder = mkdtempSync(join(tmpdir(), 'w3c-'));
  writeFileSync(join(folder, 'service.mjs'), service);
});
afterAll(() => rmSync(folder, { recursive: true }));

/** The service, and a server that it calls, which keeps the headers of the last request. */
async function start(node: string, env: Record<string, string>) {
  const called = createServer((seen, response) => {
    headers = seen.headers;
    response.end();
  });
  let headers: IncomingMessage['headers'] = {};
  await new Promise<void>((resolve) => called.listen(0, '127.0.0.1', resolve));
  const next = `http://127.0.0.1:${(called.address() as AddressInfo).port}/`;
  const register = pathToFileURL(join(repository, 'packages', 'node', 'bin', 'register.cjs')).href;
  const child = spawn(node, ['--import', register, join(folder, 'service.mjs')], {
    env: { PATH: process.env['PATH'], OTEL_TRACES_EXPORTER: 'none', OTEL_LOGS_EXPORTER: 'none', ...env },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const [port] = (await once(child.stdout, 'data')) as [Buffer];
  return {
    /** What the next service gets when this one is asked with these headers. */
    async through(over: string, ...given: Header[]): Promise<IncomingMessage['headers']> {
      const asked = request({
        port: Number(String(port)),
        host: '127.0.0.1',
        path: `/${over}`,
        method: 'POST',
      });
      const names = new Map(
        given.map(([name]) => [name, given.filter((each) => each[0] === name).map(([, value]) => value)]),
      );
      for (const [name, values] of names) asked.setHeader(name, values);
      asked.end(next);
      const [answer] = (await once(asked, 'response')) as [IncomingMessage];
      await answer.resume().toArray();
      return headers;
    },
    async stop(): Promise<void> {
      child.kill('SIGKILL');
      await once(child, 'exit');
      called.closeAllConnections();
      called.close();
    },
  };
}

describe.each(nodes)('a service on Node $version', ({ path, missing }) => {
  if (path === undefined) {
    test('is not run', (context) => skipHere(context, missing));
    return;
  }
  let running: Awaited<ReturnType<typeof start>>;
  beforeAll(async () => (running = await start(path, {})));
  afterAll(() => running.stop());

  for (const over of ['http', 'fetch']) {
    test.each(flags)(`%s, over ${over}`, async (_what, headers, goesOn) => {
      expect((await running.through(over, ...headers))['traceparent']).toMatch(goesOn);
    });

    test.each(states)(`%s, over ${over}`, async (_what, values, goesOn) => {
      const headers = await running.through(over, traceparent(`00-${parent}-00`), ...values.map(tracestate));
      expect(headers['traceparent']).toContain(traceId);
      expect(headers['tracestate']).toBe(goesOn);
    });
  }

  test('drops a tracestate without a traceparent', async () => {
    expect(await running.through('http', tracestate('foo=1'))).not.toHaveProperty('tracestate');
  });
});

test('a service that samples nothing begins random traces and keeps the flags of others', async () => {
  const running = await start(process.execPath, { OTEL_TRACES_SAMPLER: 'always_off' });
  expect((await running.through('http'))['traceparent']).toMatch(/-02$/);
  expect((await running.through('fetch', traceparent(`00-${parent}-02`)))['traceparent']).toMatch(/-02$/);
  await running.stop();
});
