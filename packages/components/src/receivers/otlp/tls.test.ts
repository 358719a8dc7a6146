import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { connect as connectHttp2 } from 'node:http2';
import { request } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client, credentials, Metadata } from '@grpc/grpc-js';
import { encodeTraces } from '@throughline/wire';
import { traceFromText } from '@throughline/wire/testing';
import { generate } from 'selfsigned';
import { afterAll, afterEach, beforeAll, expect, test, vi } from 'vitest';
import { otlpHttp } from '../../exporters/otlp-http/otlp-http.ts';
import { type RunningReceiver, startReceiver, testEnv } from '../../testing.ts';
import { otlp } from './otlp.ts';

const tracesPath = '/opentelemetry.proto.collector.trace.v1.TraceService/Export';
const traces = encodeTraces(traceFromText('shop: GET /cart 0..1'));
const directory = mkdtempSync(join(tmpdir(), 'tls-'));
const file = (name: string) => join(directory, name);

interface Pair {
  readonly cert: string;
  readonly key: string;
}
let server: Pair;
let client: Pair;

beforeAll(async () => {
  server = await certificate('server');
  client = await certificate('client');
});
afterAll(() => rmSync(directory, { recursive: true }));

/** A self-signed certificate for 127.0.0.1, also in files. */
async function certificate(name: string): Promise<Pair> {
  const { cert, private: key } = await generate([{ name: 'commonName', value: name }], {
    keySize: 2048,
    extensions: [
      { name: 'basicConstraints', cA: true },
      { name: 'subjectAltName', altNames: [{ type: 7, ip: '127.0.0.1' }] },
    ],
  });
  writeFileSync(file(`${name}.crt`), cert);
  writeFileSync(file(`${name}.key`), key);
  return { cert, key };
}

let running: RunningReceiver | undefined;
afterEach(async () => {
  await running?.stop();
  running = undefined;
});

async function setup(more: object = {}): Promise<RunningReceiver> {
  const tls = { certFile: file('server.crt'), keyFile: file('server.key'), ...more };
  const endpoint = '127.0.0.1:0';
  running = await startReceiver(otlp, { protocols: { grpc: { endpoint, tls }, http: { endpoint, tls } } });
  return running;
}

function post(url: string, more: Partial<Pair> = {}): Promise<number> {
  return new Promise((resolve, reject) => {
    const headers = { 'Content-Type': 'application/x-protobuf' };
    const sent = request(`${url}/v1/traces`, {
      method: 'POST',
      headers,
      ca: server.cert,
      ...more,
      agent: false,
    });
    sent.on('response', (response) => resolve(response.resume().statusCode!));
    sent.on('error', reject);
    sent.end(traces);
  });
}

function call(url: string, more?: Pair): Promise<string> {
  const [key, cert] = more ? [Buffer.from(more.key), Buffer.from(more.cert)] : [null, null];
  const grpc = new Client(new URL(url).host, credentials.createSsl(Buffer.from(server.cert), key, cert));
  return new Promise((resolve) =>
    grpc.makeUnaryRequest(
      tracesPath,
      (bytes: Uint8Array) => Buffer.from(bytes),
      (bytes) => bytes,
      traces,
      new Metadata(),
      { deadline: Date.now() + 10_000 },
      (error) => {
        grpc.close();
        resolve(error ? 'refused' : 'taken');
      },
    ),
  );
}

test('receives over TLS, by HTTP and by gRPC', async () => {
  const { urls, traces: sink } = await setup();
  expect(urls['OTLP/HTTP']).toMatch(/^https:/);
  expect(urls['OTLP/gRPC']).toMatch(/^https:/);
  expect(await post(urls['OTLP/HTTP']!)).toBe(200);
  expect(await call(urls['OTLP/gRPC']!)).toBe('taken');
  expect(sink.items).toBe(2);
});

test('speaks HTTP/2 where gRPC is received, and agrees on it by ALPN', async () => {
  const { urls } = await setup();
  const session = connectHttp2(urls['OTLP/gRPC']!, { ca: server.cert });
  await new Promise((resolve) => session.once('connect', resolve));
  expect(session.alpnProtocol).toBe('h2');
  session.close();
});

test('asks for certificates of clients when told to', async () => {
  const { urls, traces: sink } = await setup({ clientCaFile: file('client.crt') });
  await expect(post(urls['OTLP/HTTP']!)).rejects.toThrow();
  expect(await post(urls['OTLP/HTTP']!, client)).toBe(200);
  expect(await call(urls['OTLP/gRPC']!)).toBe('refused');
  expect(await call(urls['OTLP/gRPC']!, client)).toBe('taken');
  expect(sink.items).toBe(2);
});

test('takes a renewed certificate without a restart', async () => {
  const { urls } = await setup({ reloadInterval: '20ms' });
  const old = server;
  try {
    server = await certificate('server');
    for (const asked of [() => post(urls['OTLP/HTTP']!).catch(() => 0), () => call(urls['OTLP/gRPC']!)])
      await vi.waitFor(async () => expect([200, 'taken']).toContain(await asked()), { timeout: 15_000 });
  } finally {
    writeFileSync(file('server.crt'), old.cert);
    writeFileSync(file('server.key'), old.key);
    server = old;
  }
});

test('says which file it cannot use', async () => {
  await expect(setup({ certFile: file('no.crt') })).rejects.toThrow(/^TLS file .*no\.crt cannot be read/);
});

test('is sent to over TLS by the exporter', async () => {
  const { urls, traces: sink } = await setup({ clientCaFile: file('client.crt') });
  const tls = { caFile: file('server.crt'), certFile: file('client.crt'), keyFile: file('client.key') };
  const config = otlpHttp.config.parse({ endpoint: urls['OTLP/HTTP'], tls });
  const exporter = otlpHttp.create(config, testEnv('otlp_http'));
  await exporter.start();
  await exporter.deliver({
    signal: 'traces',
    abort: new AbortController().signal,
    batches: async function* () {
      yield { signal: 'traces', bytes: traces, items: 1 };
    },
  } as Partial<Parameters<typeof exporter.deliver>[0]> as Parameters<typeof exporter.deliver>[0]);
  await exporter.stop();
  expect(sink.items).toBe(1);
});
