import { type ChildProcess, spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, describe, expect, test } from 'vitest';
import { eventually } from './support/eventually.ts';

/** In the environment of everything that a test starts. */
const mark = `throughline-start-${randomUUID()}`;
const root = fileURLToPath(new URL('..', import.meta.url));
const folders: string[] = [];

afterEach(() => {
  for (const pid of living()) process.kill(pid, 'SIGKILL');
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
});

/** Processes with the mark, as Linux tells them. */
function living(): number[] {
  return readdirSync('/proc')
    .map(Number)
    .filter((pid) => pid > 0 && environment(pid).includes(mark));
}

function environment(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/environ`, 'latin1');
  } catch {
    return ''; // It has ended, or is another user's.
  }
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

interface Started {
  readonly npm: ChildProcess;
  readonly exited: Promise<number | null>;
  output: string;
}

/** `npm start` on free ports, in a process group of its own as in a terminal, once the example's services are up. */
async function npmStart(): Promise<Started> {
  const folder = mkdtempSync(join(tmpdir(), 'throughline-start-'));
  folders.push(folder);
  const file = join(folder, 'config.yaml');
  const http = await freePort();
  writeFileSync(
    file,
    `receivers: {otlp: {protocols: {http: {endpoint: "127.0.0.1:${http}"}}}}
exporters: {throughline: {}}
service:
  telemetry: {metrics: {level: none}}
  pipelines: {traces: {receivers: [otlp], exporters: [throughline]}}
`,
  );
  const npm = spawn('npm', ['start', '--', '--config', file, '--data-dir', join(folder, 'data')], {
    cwd: root,
    env: {
      PATH: process.env['PATH'],
      HOME: process.env['HOME'],
      MARK: mark,
      OTEL_EXPORTER_OTLP_ENDPOINT: `http://127.0.0.1:${http}`,
      FRONTEND_PORT: String(await freePort()),
      BACKEND_PORT: String(await freePort()),
    },
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true,
  });
  const exited = new Promise<number | null>((resolve) => npm.on('exit', (code) => resolve(code)));
  const started: Started = { npm, exited, output: '' };
  for (const stream of [npm.stdout, npm.stderr])
    stream.on('data', (text: Buffer) => (started.output += text));
  await eventually(async () => /is ready: /.test(started.output) && /try http:/.test(started.output), 90_000);
  return started;
}

describe.runIf(process.platform === 'linux')('npm start', { timeout: 120_000 }, () => {
  test.for(['SIGINT', 'SIGTERM', 'SIGHUP'] as const)(
    'ends in order, with success and with all it has started, when a terminal sends %s',
    async (signal) => {
      const { npm, exited } = await npmStart();
      process.kill(-npm.pid!, signal);
      const code = await exited;
      if (signal !== 'SIGHUP') expect(code).toBe(0);
      await eventually(async () => living().length === 0);
    },
  );

  test('ends in order when only npm is told to', async () => {
    const started = await npmStart();
    started.npm.kill('SIGTERM');
    expect(await started.exited).toBe(0);
    expect(living()).toEqual([]);
    expect(started.output).not.toMatch(/SIGKILL|has ended/);
  });

  test('leaves nothing behind when npm is killed', async () => {
    const { npm } = await npmStart();
    npm.kill('SIGKILL');
    await eventually(async () => living().length === 0);
  });

  test('leaves nothing behind when all of its group is killed', async () => {
    const { npm } = await npmStart();
    process.kill(-npm.pid!, 'SIGKILL');
    await eventually(async () => living().length === 0);
  });
});
