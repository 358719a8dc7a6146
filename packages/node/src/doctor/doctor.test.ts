import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import type { RequestListener } from 'node:http';
import { createServer as createHttp2Server } from 'node:http2';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Broker, NotInstalled, kafka, nats, redis } from 'throughline-brokers';
import { type TestContext, afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { closedPort, httpServer, httpsServer, tcpServer } from '../testing/servers.ts';
import { doctorCommand } from './command.ts';
import { doctor } from './doctor.ts';
import type { DoctorOptions } from './options.ts';
import type { Finding } from './report.ts';
import { targetsOf } from './targets.ts';
import { versionsIn } from './versions.ts';

let folder: string;
const closing: (() => unknown)[] = [];

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'doctor-'));
  vi.stubEnv('OTEL_EXPORTER_OTLP_ENDPOINT', await receiver((_request, response) => response.end()));
});
afterEach(async () => {
  for (const close of closing.splice(0)) await close();
  vi.unstubAllEnvs();
  rmSync(folder, { recursive: true });
});

async function receiver(listener: RequestListener): Promise<string> {
  const server = await httpServer((request, response) => {
    request.resume();
    listener(request, response);
  });
  closing.push(() => server.close());
  return `http://127.0.0.1:${server.port}`;
}

/** What is found about `check`, one line each, with ports left out. */
async function found(check: Finding['check'], options: DoctorOptions = {}): Promise<string[]> {
  const { findings } = await doctor({ folder, waitMs: 0, api: 'http://127.0.0.1:1', ...options });
  return findings
    .filter((each) => each.check === check)
    .map(({ status, subject, found: what }) =>
      `${status} ${subject}: ${what}`.replaceAll(/127\.0\.0\.1:\d+/g, 'HOST'),
    );
}

describe('an exporter', () => {
  test('that takes the probe is well, with its headers', async () => {
    const seen: unknown[] = [];
    const url = await receiver((request, response) => {
      seen.push([request.url, request.headers['x-key']]);
      response.end();
    });
    vi.stubEnv('OTEL_EXPORTER_OTLP_ENDPOINT', url);
    vi.stubEnv('OTEL_EXPORTER_OTLP_HEADERS', 'x-key=1');
    expect(await found('exporter')).toEqual([
      'ok traces to http://HOST/v1/traces (http/protobuf): it took the probe (HTTP 200)',
      'ok logs to http://HOST/v1/logs (http/protobuf): it took the probe (HTTP 200)',
    ]);
    expect(seen).toContainEqual(['/v1/traces', '1']);
    expect(seen).toContainEqual(['/v1/logs', '1']);
  });

  test('on a port where nobody listens is a problem', async () => {
    vi.stubEnv('OTEL_EXPORTER_OTLP_ENDPOINT', `http://127.0.0.1:${await closedPort()}`);
    vi.stubEnv('OTEL_LOGS_EXPORTER', 'none');
    expect(await found('exporter')).toEqual([
      'problem traces to http://HOST/v1/traces (http/protobuf): no connection to HOST (ECONNREFUSED)',
    ]);
  });

  test('with a name that nobody knows is a problem', async () => {
    vi.stubEnv('OTEL_EXPORTER_OTLP_ENDPOINT', 'http://nobody.invalid:4318');
    vi.stubEnv('OTEL_LOGS_EXPORTER', 'none');
    expect((await found('exporter'))[0]).toMatch(/^problem .*: the name nobody\.invalid is not known \(E/);
  });

  test('with a certificate that nobody trusts is a problem, until its authority is named', async () => {
    const server = await httpsServer((request, response) => request.resume().on('end', () => response.end()));
    closing.push(() => server.close());
    vi.stubEnv('OTEL_EXPORTER_OTLP_ENDPOINT', `https://localhost:${server.port}`);
    vi.stubEnv('OTEL_LOGS_EXPORTER', 'none');
    expect((await found('exporter'))[0]).toMatch(
      /no TLS with localhost:\d+ \(DEPTH_ZERO_SELF_SIGNED_CERT\)$/,
    );
    writeFileSync(join(folder, 'ca.pem'), server.ca);
    vi.stubEnv('OTEL_EXPORTER_OTLP_CERTIFICATE', join(folder, 'ca.pem'));
    expect((await found('exporter'))[0]).toMatch(/^ok /);
  });

  test('that speaks no TLS where it should is a problem', async () => {
    const url = await receiver((_request, response) => response.end());
    vi.stubEnv('OTEL_EXPORTER_OTLP_ENDPOINT', url.replace('http:', 'https:'));
    expect((await found('exporter'))[0]).toContain('no TLS with HOST');
  });

  test('that answers with an error is a problem that says what to look at', async () => {
    for (const [status, advice] of [
      [401, 'OTEL_EXPORTER_OTLP_HEADERS'],
      [404, 'OTEL_EXPORTER_OTLP_TRACES_ENDPOINT is used as it is'],
      [503, 'cannot take anything now'],
    ] as const) {
      const url = await receiver((_request, response) => response.writeHead(status).end('no'));
      vi.stubEnv('OTEL_EXPORTER_OTLP_ENDPOINT', url);
      const { findings } = await doctor({ folder });
      expect(findings.find(({ check }) => check === 'exporter')).toMatchObject({
        status: 'problem',
        found: `it answers HTTP ${status}: no`,
        advice: expect.stringContaining(advice),
      });
    }
  });

  test('on the port of the other protocol is a problem that says so', async () => {
    vi.stubEnv('OTEL_LOGS_EXPORTER', 'none');
    const grpc = createHttp2Server();
    await new Promise<void>((resolve) => grpc.listen(0, '127.0.0.1', resolve));
    closing.push(() => grpc.close());
    const http = process.env['OTEL_EXPORTER_OTLP_ENDPOINT'] ?? '';
    const advice = async (url: string, protocol: string): Promise<unknown> => {
      vi.stubEnv('OTEL_EXPORTER_OTLP_ENDPOINT', url);
      vi.stubEnv('OTEL_EXPORTER_OTLP_PROTOCOL', protocol);
      const { findings } = await doctor({ folder });
      return findings.find(({ check }) => check === 'exporter')?.advice;
    };
    const port = (grpc.address() as AddressInfo).port;
    expect(await advice(`http://127.0.0.1:${port}`, 'http/protobuf')).toContain(
      'OTEL_EXPORTER_OTLP_PROTOCOL=grpc',
    );
    expect(await advice(http, 'grpc')).toContain('OTEL_EXPORTER_OTLP_PROTOCOL=http/protobuf');
  });

  test('that does not answer is a problem', async () => {
    const silent = await tcpServer((socket) => socket.on('data', () => socket.destroy()));
    closing.push(() => silent.close());
    vi.stubEnv('OTEL_EXPORTER_OTLP_ENDPOINT', `http://127.0.0.1:${silent.port}`);
    expect((await found('exporter'))[0]).toContain('no answer (ECONNRESET)');
  });

  test('of a file is tried as the file says', async () => {
    const url = await receiver((_request, response) => response.end());
    const file = join(folder, 'otel.yaml');
    writeFileSync(
      file,
      `file_format: "1.0"\ntracer_provider: {processors: [{batch: {exporter: {otlp_http: {endpoint: "${url}/from-file"}}}}]}\n`,
    );
    vi.stubEnv('OTEL_CONFIG_FILE', file);
    expect(await found('exporter')).toEqual([
      'ok traces to http://HOST/from-file (http/protobuf): it took the probe (HTTP 200)',
    ]);
    expect(await found('settings')).toEqual([
      `ok sampler: AlwaysOnSampler, where there is no parent that decides, from ${file}`,
      `problem propagators: none, from ${file}`,
    ]);
  });

  test('that is none is a problem', async () => {
    vi.stubEnv('OTEL_TRACES_EXPORTER', 'none');
    vi.stubEnv('OTEL_LOGS_EXPORTER', 'none');
    expect(await found('exporter')).toEqual(['problem traces: there is no exporter, so spans go nowhere']);
  });
});

describe('the clock', () => {
  const off = async (seconds: number): Promise<string[]> => {
    const url = await receiver((_request, response) =>
      response.setHeader('date', new Date(Date.now() + seconds * 1000).toUTCString()).end(),
    );
    vi.stubEnv('OTEL_EXPORTER_OTLP_ENDPOINT', url);
    return found('clock');
  };

  test('is well where it is that of the receiver', async () => {
    expect(await off(0)).toEqual(['ok http://HOST/v1/traces: the same time, to a second']);
  });

  test('is a problem where it is five minutes off', async () => {
    expect((await off(300))[0]).toMatch(/^problem .*: the clock here is (299|300) s behind$/);
    expect((await off(-300))[0]).toMatch(/^problem .*: the clock here is (299|300) s ahead$/);
  });

  test('deserves a warning where it is a few seconds off', async () => {
    expect((await off(-5))[0]).toMatch(/^warning .*: the clock here is (4|5) s ahead$/);
  });
});

describe('the settings in force', () => {
  test('are well by default', async () => {
    expect(await found('settings')).toEqual([
      'ok sampler: AlwaysOnSampler, where there is no parent that decides',
      'ok propagators: traceparent, tracestate, baggage',
    ]);
  });

  test('are a problem where nothing is sampled, passed on or traced at all', async () => {
    vi.stubEnv('OTEL_TRACES_SAMPLER', 'parentbased_always_off');
    vi.stubEnv('OTEL_PROPAGATORS', 'none');
    expect(await found('settings')).toEqual([
      'problem sampler: AlwaysOffSampler, where there is no parent that decides',
      'problem propagators: none',
    ]);
    vi.stubEnv('OTEL_SDK_DISABLED', 'true');
    expect(await found('settings')).toEqual(['problem tracing: off']);
  });

  test('deserve a warning where traceparent is not among the propagators', async () => {
    vi.stubEnv('OTEL_PROPAGATORS', 'b3');
    expect((await found('settings'))[1]).toBe('warning propagators: b3');
  });
});

describe('versions', () => {
  const install = (path: string, version: string): void => {
    const own = join(folder, 'node_modules', path);
    mkdirSync(own, { recursive: true });
    writeFileSync(join(own, 'package.json'), JSON.stringify({ version }));
  };
  const lines = (node?: string): string[] =>
    versionsIn(folder, node)
      .filter(({ status }) => status !== 'ok')
      .map(({ status, subject, found: what }) => `${status} ${subject}: ${what}`);

  test('that go together are well', () => {
    install('@opentelemetry/api', '1.9.1');
    install('other/node_modules/@opentelemetry/api', '1.4.0');
    install('@opentelemetry/core', '2.12.0');
    expect(lines()).toEqual([]);
  });

  test('of the API that cannot use what is registered are a problem', () => {
    install('other/node_modules/@opentelemetry/api', '1.10.0');
    expect(lines()).toEqual([
      'problem @opentelemetry/api: 1.10.0 in node_modules/other/node_modules/@opentelemetry/api cannot use the tracing that 1.9.1 registers: what is made through it is lost',
    ]);
  });

  test('of two lines, copies of an instrumentation and rivals deserve a warning', () => {
    install('@opentelemetry/core', '2.12.0');
    install('other/node_modules/@opentelemetry/core', '3.1.1');
    install('@opentelemetry/instrumentation-http', '0.223.0');
    install('other/node_modules/@opentelemetry/instrumentation-http', '0.200.0');
    install('dd-trace', '6.0.0');
    expect(lines()).toEqual([
      'warning OpenTelemetry SDK: lines 2 and 3 side by side: 3.1.1 in node_modules/other/node_modules/@opentelemetry/core',
      'warning @opentelemetry/instrumentation-http: 2 copies: 0.223.0 in node_modules/@opentelemetry/instrumentation-http, 0.200.0 in node_modules/other/node_modules/@opentelemetry/instrumentation-http',
      'warning dd-trace: 6.0.0 is installed too',
    ]);
  });

  test('of Node that are too old are a problem', () => {
    expect(lines('18.20.0')).toEqual(['problem Node: 18.20.0']);
    expect(lines('20.19.0')).toEqual([]);
  });
});

describe('a hop over HTTP', () => {
  test('gets the marked context, and tells with its answer that it is in the trace', async () => {
    let seen: Record<string, unknown> = {};
    const url = await receiver((request, response) => {
      seen = request.headers;
      response.setHeader('traceresponse', request.headers['traceparent'] ?? '').end();
    });
    const { findings, traceId, ok } = await doctor({ folder, http: [url] });
    expect(seen).toMatchObject({
      traceparent: expect.stringMatching(new RegExp(`^00-${traceId}-[0-9a-f]{16}-03$`)),
      tracestate: 'throughline=probe',
      baggage: 'throughline.probe=true',
    });
    expect(findings.at(-1)).toMatchObject({ status: 'ok', context: { traceId: true } });
    expect(ok).toBe(true);
  });

  test('that answers in another trace is a problem', async () => {
    const url = await receiver((_request, response) =>
      response
        .setHeader('server-timing', `traceparent;desc="00-${'a'.repeat(32)}-${'b'.repeat(16)}-01"`)
        .end(),
    );
    expect(await found('hop', { http: [url] })).toEqual([
      'problem http://HOST: HTTP 200, answered in another trace: the context was lost on the way',
    ]);
  });

  test('that tells nothing deserves a warning where Throughline cannot be asked', async () => {
    const url = await receiver((_request, response) => response.end());
    expect(await found('hop', { http: [url] })).toEqual([
      'warning http://HOST: HTTP 200; who joined the trace is not known, because Throughline cannot be asked (http://HOST: connect ECONNREFUSED HOST)',
    ]);
  });

  test('that is not there is a problem', async () => {
    const address = `127.0.0.1:${await closedPort()}`;
    expect(await found('hop', { http: [`http://ann:secret@${address}/`], grpc: [address] })).toEqual([
      'problem http://HOST/: no answer (connect ECONNREFUSED HOST)',
      'problem grpc HOST: no answer (connect ECONNREFUSED HOST)',
    ]);
  });
});

async function started(context: TestContext, start: () => Promise<Broker>): Promise<string> {
  try {
    const broker = await start();
    closing.push(() => broker.stop());
    return broker.url;
  } catch (error) {
    if (!(error instanceof NotInstalled) || process.env['CI']) throw error;
    return context.skip(error.message);
  }
}

describe('a broker', () => {
  const whole = { traceId: true, tracestate: true, baggage: true };

  test('of Redis passes the whole context on in a message', async (context) => {
    const { findings } = await doctor({ folder, redis: [await started(context, redis)] });
    expect(findings.at(-1)).toMatchObject({ check: 'hop', status: 'ok', context: whole });
  });

  test('of Redis that wants a password is a problem that names it, and not the password', async (context) => {
    const url = new URL(await started(context, redis));
    url.password = 'secret';
    expect((await found('hop', { redis: [url.href] })).join()).toMatch(
      /^problem redis:\/\/HOST\/?: no message came through \(.*AUTH|WRONGPASS/,
    );
  });

  test('of NATS passes the whole context on in headers', async (context) => {
    const { findings } = await doctor({ folder, nats: [await started(context, nats)] });
    expect(findings.at(-1)).toMatchObject({ check: 'hop', status: 'ok', context: whole });
  });

  test('of NATS that takes no headers is a problem', async () => {
    const old = await tcpServer((socket) => socket.write('INFO {"headers":false}\r\n'));
    closing.push(() => old.close());
    expect((await found('hop', { nats: [`nats://127.0.0.1:${old.port}`] }))[0]).toBe(
      'problem nats://HOST: the server takes no headers, so no context goes with messages',
    );
  });

  test('that changes what passes through it has lost the context', async (context) => {
    const url = new URL(await started(context, redis));
    // What a gateway in between may do: members that it does not know are not passed on.
    const { connect } = await import('node:net');
    const gateway = await tcpServer((socket) => {
      const upstream = connect(Number(url.port), url.hostname);
      upstream.on('data', (data) => socket.write(String(data).replace('"_otel"', '"_xxxx"')));
      socket.on('data', (data) => upstream.write(data)).on('close', () => upstream.destroy());
    });
    closing.push(() => gateway.close());
    expect(await found('hop', { redis: [`redis://127.0.0.1:${gateway.port}`] })).toEqual([
      'problem redis://HOST: the context is lost, in a message that was published and received',
    ]);
  });

  test('of Kafka passes the whole context on in headers', { timeout: 90_000 }, async (context) => {
    const url = await started(context, kafka);
    const here = import.meta.dirname;
    expect(await found('hop', { folder: here, kafka: [url] })).toEqual([
      'warning kafka HOST: it answers (1 broker); no message was sent',
    ]);
    const topic = `doctor-${process.pid}`;
    expect(await found('hop', { folder: here, kafka: [url], topic })).toEqual([
      `problem kafka HOST: it has no topic ${topic}`,
    ]);
    const { Kafka, logLevel } = await import('kafkajs');
    const admin = new Kafka({ brokers: [url], logLevel: logLevel.NOTHING }).admin();
    await admin.connect();
    await admin.createTopics({ topics: [{ topic }], waitForLeaders: true });
    await admin.disconnect();
    const { findings } = await doctor({ folder: here, kafka: [url], topic });
    expect(findings.at(-1)).toMatchObject({ check: 'hop', status: 'ok', context: whole });
  });

  test('of Kafka is not tried where the application has no client for it', async () => {
    expect(await found('hop', { kafka: ['127.0.0.1:1'] })).toEqual([
      'warning kafka HOST: not tried, because kafkajs cannot be found from here',
    ]);
  });
});

test('hops are found in the environment, where none is named', () => {
  const env = {
    REDIS_URL: 'redis://:pw@cache:6379/0',
    NATS_URL: 'nats://a:4222,nats://b:4222',
    KAFKA_BROKERS: 'k1:9092,k2:9092',
    SERVER_URL: 'http://server:8080/hello',
    BACKEND: 'http://backend:8081',
    BACKEND_GRPC_ADDR: 'backend:50051',
    COPY_URL: 'http://backend:8081',
    DATABASE_URL: 'postgres://db/shop',
    HTTPS_PROXY: 'http://proxy:3128',
    OTEL_EXPORTER_OTLP_ENDPOINT: 'http://collector:4318',
    THROUGHLINE_URL: 'http://throughline:16686',
    npm_config_registry: 'https://registry.npmjs.org/',
  };
  expect(targetsOf({}, env).map(({ kind, address, from }) => `${from} ${kind} ${address}`)).toEqual([
    'REDIS_URL redis redis://:pw@cache:6379/0',
    'NATS_URL nats nats://a:4222',
    'NATS_URL nats nats://b:4222',
    'KAFKA_BROKERS kafka k1:9092,k2:9092',
    'SERVER_URL http http://server:8080/hello',
    'BACKEND http http://backend:8081',
    'BACKEND_GRPC_ADDR grpc backend:50051',
  ]);
  expect(targetsOf({ http: ['http://other/'] }, env)).toEqual([
    { kind: 'http', address: 'http://other/', from: '--http' },
  ]);
});

describe('the command', () => {
  const run = async (...args: string[]): Promise<{ status: number; text: string }> => {
    let text = '';
    const status = await doctorCommand(args, (written) => (text += written));
    return { status, text };
  };

  test('prints a report and ends with 1 where there is a problem', async () => {
    const port = await closedPort();
    const { status, text } = await run('--http', `http://127.0.0.1:${port}/`);
    expect(status).toBe(1);
    expect(text).toContain(`
Hops
  problem  http://127.0.0.1:${port}/: no answer (connect ECONNREFUSED 127.0.0.1:${port})
           Is it running, and is the address right?

`);
    expect(text).toMatch(
      /^Settings in force\n {2}ok {7}sampler: .*\n1 problem(, \d+ warnings?)?\. The probe is trace [0-9a-f]{32}\.\n$/s,
    );
  });

  test('prints the report as JSON, and ends with 0 where there is none', async () => {
    const url = await receiver((request, response) =>
      response.setHeader('traceresponse', request.headers['traceparent'] ?? '').end(),
    );
    const { status, text } = await run('--json', '--http', url);
    expect(JSON.parse(text)).toMatchObject({
      ok: true,
      traceId: expect.any(String),
      findings: expect.any(Array),
    });
    expect(status).toBe(0);
  });

  test('refuses what it does not understand', async () => {
    for (const args of [['--colour'], ['--http', 'localhost'], ['--wait', 'long'], ['more']])
      expect((await run(...args)).status).toBe(2);
    expect(await run('--help')).toMatchObject({ status: 0, text: expect.stringContaining('--topic TOPIC') });
  });
});
