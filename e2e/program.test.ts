import { spawn } from 'node:child_process';
import { connect, createServer, type AddressInfo } from 'node:net';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { Throughline, type StartOptions } from './support/throughline.ts';

const ends: (() => unknown)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0).toReversed()) await end();
});

/** Receives, and stores nothing: starts without an engine. */
const small = `receivers: {otlp: {protocols: {http: {endpoint: "127.0.0.1:0"}}}}
exporters: {debug: }
extensions: {health_check: {endpoint: "127.0.0.1:0"}}
service:
  extensions: [health_check]
  telemetry: {metrics: {address: "127.0.0.1:0"}}
  pipelines: {traces: {receivers: [otlp], exporters: [debug]}}
`;

async function start(options: StartOptions = {}): Promise<Throughline> {
  const program = await Throughline.start({ config: small, ...options });
  ends.push(() => program.stop());
  return program;
}

let folder = '';
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'program-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

function file(text: string): string {
  const path = join(folder, `${Math.random()}.yaml`);
  writeFileSync(path, text);
  return path;
}

/** Starts that fail: what is written, and the exit code. */
async function refusal(options: StartOptions): Promise<string> {
  return Throughline.start({ config: small, ...options }).then(
    async (program) => {
      await program.stop();
      return 'it started';
    },
    (error: Error) => error.message.trim(),
  );
}

function killGroup(pid: number): void {
  try {
    process.kill(-pid, 'SIGKILL');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}

/** Whether nobody listens on the port. */
function refuses(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1', () => resolve(false)).on('error', () => resolve(true));
    ends.push(() => socket.destroy());
  });
}

test('says in one line what listens where and where the data is', async () => {
  const program = await start();
  expect(program.stdout).toMatch(
    /^throughline \d+\.\d+\.\d+ is ready: .*OTLP\/HTTP http:\/\/127\.0\.0\.1:\d+.*; data in .*\/data.*\n$/,
  );
});

test('a signal ends it in order, within five seconds and with success', async () => {
  for (const signal of ['SIGTERM', 'SIGINT'] as const) {
    const program = await start();
    const begun = performance.now();
    process.kill(program.pid, signal);
    expect(await program.exited).toEqual({ code: 0, signal: null });
    expect(performance.now() - begun).toBeLessThan(5000);
  }
});

test('under npx it ends when npx does', async () => {
  const npx = spawn('npx', ['throughline', '--config', file(small), '--data-dir', join(folder, 'npx')], {
    cwd: fileURLToPath(new URL('..', import.meta.url)),
    env: { PATH: process.env['PATH'], HOME: process.env['HOME'] },
    stdio: ['ignore', 'pipe', 'inherit'],
    detached: true,
  });
  ends.push(() => killGroup(npx.pid!));
  let output = '';
  npx.stdout.on('data', (text: Buffer) => (output += text));
  await expect.poll(() => output, { timeout: 20_000 }).toContain(' is ready: ');
  const port = Number(/OTLP\/HTTP http:\/\/127\.0\.0\.1:(\d+)/.exec(output)![1]);
  npx.kill('SIGTERM');
  await expect.poll(() => refuses(port), { timeout: 5000 }).toBe(true);
});

test('a request that is under way holds up the end, a second signal does not wait for it', async () => {
  const program = await start();
  const { port } = new URL(program.url('OTLP/HTTP'));
  const slow = connect(Number(port), '127.0.0.1');
  ends.push(() => slow.destroy());
  const head = [
    'POST /v1/traces HTTP/1.1',
    'host: x',
    'content-type: application/x-protobuf',
    'content-length: 9',
  ];
  slow.on('error', () => {}).write([...head, 'expect: 100-continue', '', '1234'].join('\r\n'));
  await new Promise((resolve) => slow.once('data', resolve));
  process.kill(program.pid, 'SIGTERM');
  await expect.poll(() => refuses(Number(port)), { timeout: 5000 }).toBe(true);
  process.kill(program.pid, 'SIGTERM');
  expect(await program.exited).toEqual({ code: 143, signal: null });
});

test('serves its metrics as Prometheus text', async () => {
  const program = await start();
  const response = await fetch(program.url('metrics'));
  expect(response.headers.get('content-type')).toContain('text/plain');
  const text = await response.text();
  for (const name of [
    'otelcol_process_memory_rss ',
    'nodejs_eventloop_lag_p99_seconds ',
    'throughline_journal_limit_bytes{pipeline="traces"} ',
    'otelcol_receiver_accepted_spans{receiver="otlp",transport="http"} 0',
    'otelcol_receiver_refused_spans{receiver="otlp",transport="http"} 0',
    'otelcol_exporter_sent_spans{exporter="debug"} 0',
    'otelcol_exporter_send_failed_spans{exporter="debug"} 0',
  ])
    expect(text).toContain(name);
  // Prometheus's own check (promtool check metrics) refuses gauges of such names.
  expect(text).not.toMatch(/^# TYPE \S+_total gauge$/m);
});

test('a second program on the same data folder is refused in one sentence', async () => {
  const program = await start();
  expect(await refusal({ dataDirectory: program.dataDirectory })).toBe(
    `throughline ended with 1 before it was ready\nthroughline: another throughline (process ${program.pid}) is using the data folder ${program.dataDirectory}`,
  );
});

test('a program that was killed leaves its data folder free', async () => {
  const program = await start();
  await program.kill();
  await start({ dataDirectory: program.dataDirectory });
});

test('of many programs that start at once on the folder of a killed one, exactly one runs', async () => {
  const program = await start();
  await program.kill();
  const tries = Array.from({ length: 4 }, () =>
    Throughline.start({ config: small, dataDirectory: program.dataDirectory }),
  );
  const results = await Promise.allSettled(tries);
  for (const result of results) if (result.status === 'fulfilled') ends.push(() => result.value.stop());
  expect(results.map(({ status }) => status).toSorted()).toEqual([
    'fulfilled',
    'rejected',
    'rejected',
    'rejected',
  ]);
});

test('a data folder with a very long path can be used', async () => {
  await start({ dataDirectory: join(folder, 'long'.repeat(50), 'data') });
});

test('a data folder that cannot be written is refused in one sentence', async () => {
  const inTheWay = file('');
  expect(await refusal({ dataDirectory: join(inTheWay, 'data') })).toBe(
    `throughline ended with 1 before it was ready\nthroughline: the data folder ${inTheWay}/data cannot be written: part of the path is a file`,
  );
});

test.runIf(process.platform === 'linux')(
  'a data folder that cannot be made is refused in one sentence',
  async () => {
    expect(await refusal({ dataDirectory: '/proc/throughline/data' })).toBe(
      'throughline ended with 1 before it was ready\nthroughline: the data folder /proc/throughline/data cannot be written: it cannot be made there',
    );
  },
);

test('a port that is in use is refused in one sentence', async () => {
  const other = createServer().listen(0, '127.0.0.1');
  ends.push(() => other.close());
  await new Promise((resolve) => other.once('listening', resolve));
  const { port } = other.address() as AddressInfo;
  const config = small.replace('http: {endpoint: "127.0.0.1:0"}', `http: {endpoint: "127.0.0.1:${port}"}`);
  const output = await refusal({ config });
  expect(output).toBe(
    `throughline ended with 1 before it was ready\nthroughline: receiver otlp (OTLP/HTTP) cannot listen on 127.0.0.1:${port}: the port is in use by another program`,
  );
});

test('every problem of a configuration is told, by place and path, with exit code 1', async () => {
  const path = file(`receivers: {otlp: {protocols: {grpc: {endpoint: nowhere, speed: 3}}}, kafka: }
exporters: {debug: {verbosity: shouting}}
service: {pipelines: {traces: {receivers: [otlp, zipkin], exporters: [debug]}, metrics: {receivers: [otlp], exporters: [debug]}}}
`);
  const { code, stderr } = await Throughline.run(['validate', '--config', path]);
  expect(code).toBe(1);
  const lines = stderr.trim().split('\n').slice(1);
  expect(lines.map((line) => line.replace(path, 'c.yaml').trim())).toMatchInlineSnapshot(`
    [
      "c.yaml:1:39: receivers.otlp.protocols.grpc.endpoint: expected host:port such as 127.0.0.1:4317, got "nowhere"",
      "c.yaml:1:58: receivers.otlp.protocols.grpc.speed: unknown key; known are endpoint, transport, tls, include_metadata, dialer, auth, middlewares, max_recv_msg_size_mib, max_concurrent_streams, read_buffer_size, write_buffer_size, keepalive",
      "c.yaml:1:71: receivers.kafka: unknown receiver kafka; known are otlp",
      "c.yaml:2:21: exporters.debug.verbosity: invalid option: expected one of "basic"|"normal"|"detailed"",
      "c.yaml:3:50: service.pipelines.traces.receivers[1]: no receiver is called zipkin",
      "c.yaml:3:80: service.pipelines.metrics: metrics pipelines are not supported: this program carries traces and logs",
    ]
  `);
});

test('a configuration without problems is valid, and nothing is said', async () => {
  const { code, stderr, stdout } = await Throughline.run(['validate', '--config', file(small)]);
  expect({ code, stderr, stdout }).toEqual({ code: 0, stderr: '', stdout: '' });
});

test('the printed configuration shows variables and defaults, and no secrets', async () => {
  const config = `receivers: {otlp: {protocols: {http: }}}
exporters: {otlphttp/up: {endpoint: "http://\${env:UP}:4318", headers: {X-Api-Key: "\${env:KEY}"}}, throughline: {endpoint: "http://me:\${env:KEY}@db:8123/traces"}}
service: {pipelines: {traces: {receivers: [otlp], exporters: [otlphttp/up]}}}`;
  const { code, stdout } = await Throughline.run(['print-config', '--config', file(config)], {
    UP: 'up',
    KEY: 'hush',
  });
  expect(code).toBe(0);
  expect(stdout).toContain('endpoint: http://up:4318');
  expect(stdout).toContain('endpoint: 127.0.0.1:4318');
  expect(stdout).toContain('X-Api-Key: "[REDACTED]"');
  expect(stdout).toContain('endpoint: http://me:[REDACTED]@db:8123/traces');
  expect(stdout).not.toContain('hush');
});

test('the host of the command line stands in all endpoints that the configuration leaves out', async () => {
  const { stdout } = await Throughline.run(['print-config', '--host', '0.0.0.0']);
  const endpoints = [...stdout.matchAll(/(?:endpoint|host): (\S+)/g)].map(([, endpoint]) => endpoint);
  expect(endpoints).toEqual(['0.0.0.0:4317', '0.0.0.0:4318', '0.0.0.0:13133', '0.0.0.0:16686', '0.0.0.0']);
});

test('options and commands that do not exist are refused with a hint', async () => {
  const wrong = [
    ['--colour', 'blue'],
    ['fly'],
    ['validate'],
    ['--config', join(folder, 'none.yaml')],
    ['run'],
  ];
  const results = await Promise.all(wrong.map((args) => Throughline.run(args)));
  expect(results.map(({ code, stderr }) => `${code} ${stderr.trim().replace(folder, 'folder')}`))
    .toMatchInlineSnapshot(`
    [
      "1 throughline: Unknown option '--colour'; see throughline --help",
      "1 throughline: unknown command fly; see throughline --help",
      "1 throughline: validate needs --config FILE",
      "1 throughline: the configuration folder/none.yaml cannot be read: there is no such file",
      "1 throughline: unknown command run; see throughline --help",
    ]
  `);
});

test('tells its version and how it is used', async () => {
  const [version, help] = await Promise.all([Throughline.run(['--version']), Throughline.run(['--help'])]);
  expect(version.stdout).toMatch(/^\d+\.\d+\.\d+\n$/);
  expect(help.stdout).toContain('throughline validate --config FILE');
});
