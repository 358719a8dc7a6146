import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { type AddressInfo, connect, createServer } from 'node:net';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { buildOnce, repository } from './support/build.ts';
import { frontendBackendChecks } from './support/frontend-backend-checks.ts';
import { otlpSink } from './support/otlp-sink.ts';

describe('the frontend-backend example, as it sends', () => frontendBackendChecks(() => otlpSink()));

test('one command waits for the server, runs services and traffic, and ends with all of them', async () => {
  await buildOnce();
  const port = await freePort();
  const child = spawn(
    process.execPath,
    [join(repository, 'examples', 'frontend-backend', 'dist', 'run.js')],
    {
      env: {
        PATH: process.env['PATH'],
        OTEL_EXPORTER_OTLP_ENDPOINT: `http://127.0.0.1:${port}`,
        OTEL_EXPORTER_OTLP_PROTOCOL: 'http/json',
        TRAFFIC_EVERY_MS: '50',
      },
      stdio: ['ignore', 'pipe', 'inherit'],
    },
  );
  const exited = new Promise((resolve) => child.once('exit', (code, signal) => resolve(signal ?? code)));
  const lines = createInterface(child.stdout)[Symbol.asyncIterator]();
  expect((await lines.next()).value).toBe(`frontend-backend: waits for 127.0.0.1:${port} to listen`);
  const receiver = await otlpSink(port);
  try {
    const [, address = ''] = /try (http:\/\/localhost:\d+)/.exec((await lines.next()).value ?? '') ?? [];
    const both = (): boolean =>
      ['frontend', 'backend'].every((name) => receiver.all.spans.some((span) => span.service === name));
    await until(both);
    expect(receiver.all.spans.some((span) => span.name === 'http.tls')).toBe(true);
    child.kill('SIGTERM');
    expect(await exited).toBe(0);
    expect(await listens(Number(new URL(address).port))).toBe(false);
  } finally {
    child.kill('SIGKILL');
    await receiver.close();
  }
});

async function until(condition: () => boolean): Promise<void> {
  const deadline = Date.now() + 20_000;
  while (!condition()) {
    if (Date.now() > deadline) throw new Error('it did not come to be');
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const { port } = server.address() as AddressInfo;
      server.close(() => resolve(port));
    });
  });
}

function listens(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host: '127.0.0.1', port });
    socket.once('connect', () => resolve(true)).once('error', () => resolve(false));
    socket.once('connect', () => socket.destroy());
  });
}
