import { get as httpGet } from 'node:http';
import { createServer, type AddressInfo } from 'node:net';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { encodeTraces } from '@throughline/wire';
import { traceFromText } from '@throughline/wire/testing';
import { afterEach, expect, test } from 'vitest';
import { allInOne, Throughline } from './support/throughline.ts';

const ends: (() => unknown)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0).toReversed()) await end();
});

async function start(config: string, dataDirectory?: string): Promise<Throughline> {
  const program = await Throughline.start({ config, ...(dataDirectory && { dataDirectory }) });
  ends.push(() => program.stop());
  return program;
}

/** The `<base>` of the page at `path`, as a proxy that sends these headers gets it. */
async function baseOf(url: string, headers: Record<string, string> = {}): Promise<string | undefined> {
  const html = await (await fetch(url, { headers })).text();
  return /<base href="([^"]*)"/.exec(html)?.[1];
}

test('what is stored is counted at the next start, and readable at once', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'stored-'));
  ends.push(() => rmSync(folder, { recursive: true }));
  const first = await start(allInOne, join(folder, 'data'));
  expect(first.stdout).toContain('; 0 spans stored');
  const answer = await fetch(`${first.url('OTLP/HTTP')}/v1/traces`, {
    method: 'POST',
    headers: { 'content-type': 'application/x-protobuf' },
    body: new Uint8Array(encodeTraces(traceFromText('shop: GET / server 0..9\n  shop: SELECT client 1..2'))),
  });
  expect(answer.status).toBe(200);
  expect(await first.stop()).toEqual({ code: 0, signal: null });
  const second = await start(allInOne, join(folder, 'data'));
  expect(second.stdout).toContain('; 2 spans stored');
  const trace = await fetch(
    `${second.url('UI and API')}/throughline/v1/traces/00000000000000000000000000000001`,
  );
  expect(((await trace.json()) as { spans: unknown[] }).spans).toHaveLength(2);
});

test('the status says where everything listens, and how full the journals are', async () => {
  const program = await start(allInOne);
  const status = await (await fetch(`${program.url('UI and API')}/throughline/v1/status`)).json();
  expect(status).toMatchObject({
    data_dir: program.dataDirectory,
    purge_allowed: false,
    spans: { stored: 0 },
    listening: expect.arrayContaining([{ what: 'OTLP/HTTP', url: program.url('OTLP/HTTP') }]) as unknown,
    journal: [
      { pipeline: 'traces', consumers: [{ exporter: 'throughline', lag_bytes: 0 }] },
      { pipeline: 'logs', consumers: [{ exporter: 'throughline', lag_bytes: 0 }] },
    ],
    engine: { kind: 'embedded', state: 'ready' },
  });
});

test('app and API are served under a base path, whether a proxy cuts it off or not', async () => {
  const config = allInOne.replace(
    'throughline_query: {endpoint: 127.0.0.1:0}',
    'throughline_query: {endpoint: 127.0.0.1:0, base_path: /tracing}',
  );
  const program = await start(config);
  const whole = program.url('UI and API');
  const cut = whole.replace('/tracing', '');
  for (const url of [whole, `${whole}/`, `${whole}/trace/1`, `${cut}/`, `${cut}/trace/1`])
    expect(await baseOf(url), url).toBe('/tracing/');
  expect(await baseOf(cut, { 'x-forwarded-prefix': '/tracing' })).toBe('/tracing/');
  for (const url of [whole, cut]) expect((await fetch(`${url}/throughline/v1/status`)).status).toBe(200);
  expect((await fetch(`${cut}/tracings/app.js`)).status).toBe(404);
});

test('a proxy that cuts a path off may say so instead', async () => {
  const program = await start(allInOne);
  expect(await baseOf(program.url('UI and API'))).toBe('/');
  expect(await baseOf(program.url('UI and API'), { 'x-forwarded-prefix': '/traces' })).toBe('/traces/');
});

test('open streams do not hold up the end', async () => {
  const program = await Throughline.start();
  const answered = await new Promise((resolve, reject) => {
    const request = httpGet(`${program.url('UI and API')}/throughline/v1/traces/stream`, resolve).on(
      'error',
      reject,
    );
    ends.push(() => request.destroy());
  });
  expect(answered).toMatchObject({ statusCode: 200 });
  const begun = performance.now();
  expect(await program.stop()).toEqual({ code: 0, signal: null });
  expect(performance.now() - begun).toBeLessThan(4500);
});

test('a port of the app that is in use is refused in one sentence', async () => {
  const other = createServer().listen(0, '127.0.0.1');
  ends.push(() => other.close());
  await new Promise((resolve) => other.once('listening', resolve));
  const { port } = other.address() as AddressInfo;
  const config = allInOne.replace(
    'throughline_query: {endpoint: 127.0.0.1:0}',
    `throughline_query: {endpoint: "127.0.0.1:${port}"}`,
  );
  await expect(Throughline.start({ config })).rejects.toThrow(
    `extension throughline_query: the UI and API cannot be served on 127.0.0.1:${port}: the port is in use by another program`,
  );
});

test('an app without a store to show is refused by path', async () => {
  const config = allInOne
    .replaceAll('exporters: [throughline]', 'exporters: [debug]')
    .replace('  throughline:\n', '  debug:\n  throughline:\n');
  await expect(Throughline.start({ config })).rejects.toThrow(
    'extensions.throughline_query.exporter: expected the name of a throughline exporter; there is none in a pipeline',
  );
});

test('says that nothing shows what is stored, where no extension does', async () => {
  const program = await start(allInOne.replace(', throughline_query]', ']'));
  await expect
    .poll(() => program.log().map(({ msg }) => msg))
    .toContain('what is stored is not shown here: no extension throughline_query is configured');
});
