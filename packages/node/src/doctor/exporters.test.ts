import { writeFileSync } from 'node:fs';
import { createServer as createHttp2Server } from 'node:http2';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { describe, expect, test, vi } from 'vitest';
import { closedPort, httpsServer, tcpServer } from '../testing/servers.ts';
import { doctor } from './doctor.ts';
import { setup } from './doctor.test-kit.ts';

const { examined, closing, receiver, found } = setup();

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
    writeFileSync(join(examined.folder, 'ca.pem'), server.ca);
    vi.stubEnv('OTEL_EXPORTER_OTLP_CERTIFICATE', join(examined.folder, 'ca.pem'));
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
      const { findings } = await doctor({ folder: examined.folder });
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
      const { findings } = await doctor({ folder: examined.folder });
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
    const file = join(examined.folder, 'otel.yaml');
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
