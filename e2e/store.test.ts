import { startClickHouseServer, type ClickHouseServer } from '@throughline/store/testing';
import { encodeTraces } from '@throughline/wire';
import { traceFromText } from '@throughline/wire/testing';
import { execFileSync } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, expect, test, vi } from 'vitest';
import { allInOne, Throughline } from './support/throughline.ts';

// Engines that die under a program that goes on: nothing that was acknowledged is lost or stored twice.

const ends: (() => unknown)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0).toReversed()) await end();
});

async function start(config = allInOne): Promise<Throughline> {
  const program = await Throughline.start({ config });
  ends.push(() => program.stop());
  return program;
}

vi.setConfig({ testTimeout: 120_000 });

const spansPerTrace = 3;
let traces = 0;

/** Sends one trace; resolves with the status of the answer. */
async function send(program: Throughline): Promise<number> {
  const spans = traceFromText(
    'shop: GET /cart server 0..120\n  shop: SELECT carts client 10..50\n  pay: charge server 60..110',
    { traceId: (++traces).toString(16).padStart(32, '0') },
  );
  const response = await fetch(`${program.url('OTLP/HTTP')}/v1/traces`, {
    method: 'POST',
    headers: { 'content-type': 'application/x-protobuf' },
    body: encodeTraces(spans) as BodyInit,
  });
  return response.status;
}

/** Sends for so long, and says how many traces were acknowledged; each of them at once. */
async function sendFor(program: Throughline, ms: number): Promise<number> {
  let acknowledged = 0;
  for (const until = Date.now() + ms; Date.now() < until; await sleep(5)) {
    expect(await send(program)).toBe(200);
    acknowledged++;
  }
  return acknowledged;
}

async function storedSpans(program: Throughline): Promise<number> {
  const response = await fetch(`${program.url('UI and API')}/throughline/v1/status`);
  return response.ok ? ((await response.json()) as { spans: { stored: number } }).spans.stored : -1;
}

async function expectStored(program: Throughline, acknowledged: number): Promise<void> {
  await expect.poll(() => storedSpans(program), { timeout: 30_000 }).toBe(acknowledged * spansPerTrace);
  await sleep(1_000);
  expect(await storedSpans(program)).toBe(acknowledged * spansPerTrace);
}

/** The engine's process: the program's child. */
function enginePid(program: Throughline): number {
  return Number(
    execFileSync('pgrep', ['-P', String(program.pid)], { encoding: 'utf8' })
      .trim()
      .split('\n')[0],
  );
}

test('goes on receiving while the embedded engine is killed again and again, and loses nothing', async () => {
  const program = await start();
  let acknowledged = 0;
  for (let round = 0; round < 3; round++) {
    acknowledged += await sendFor(program, 700);
    process.kill(enginePid(program), 'SIGKILL');
    acknowledged += await sendFor(program, 700);
  }
  await expectStored(program, acknowledged);
  const lines = program.log().map(({ msg }) => msg);
  expect(lines).toContain('the embedded engine died; it is being started again');
  expect(lines).toContain('the embedded engine is up again');
});

test('stores in a ClickHouse server, and bridges the time while that is down', async () => {
  const server: ClickHouseServer = await startClickHouseServer();
  ends.push(() => server.stop());
  const program = await start(
    allInOne.replace('  throughline:\n', `  throughline:\n    endpoint: ${server.url}\n`),
  );
  let acknowledged = await sendFor(program, 500);
  await expectStored(program, acknowledged);
  process.kill(server.pid, 'SIGKILL');
  acknowledged += await sendFor(program, 1_000);
  await server.restart();
  acknowledged += await sendFor(program, 500);
  await expectStored(program, acknowledged);
});

test('starts although its ClickHouse server is down, and stores once it is up', async () => {
  const server = await startClickHouseServer();
  ends.push(() => server.stop());
  process.kill(server.pid, 'SIGKILL');
  const program = await start(
    allInOne.replace('  throughline:\n', `  throughline:\n    endpoint: ${server.url}\n`),
  );
  const acknowledged = await sendFor(program, 300);
  await server.restart();
  await expectStored(program, acknowledged);
});

test('an engine with little memory takes what arrives in smaller pieces, and nothing is lost', async () => {
  const program = await start(
    allInOne.replace('  throughline:\n', `  throughline:\n    memory_limit: 512MiB\n`),
  );
  const spans = Array.from({ length: 200 }, () =>
    traceFromText(`shop: GET /cart server 0..120 note="${'x'.repeat(500)}"\n  pay: charge server 60..110`),
  ).flat();
  const body = encodeTraces(spans);
  let sent = 0;
  await Promise.all(
    Array.from({ length: 4 }, async () => {
      for (let n = 0; n < 150; n++) {
        const response = await fetch(`${program.url('OTLP/HTTP')}/v1/traces`, {
          method: 'POST',
          headers: { 'content-type': 'application/x-protobuf' },
          body: body as BodyInit,
        });
        expect(response.status).toBe(200);
        sent += spans.length;
      }
    }),
  );
  await expect.poll(() => storedSpans(program), { timeout: 60_000 }).toBe(sent);
});
