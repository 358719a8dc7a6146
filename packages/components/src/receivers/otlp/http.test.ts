import { request as httpRequest, type IncomingHttpHeaders } from 'node:http';
import { connect } from 'node:net';
import { deflateSync, gzipSync } from 'node:zlib';
import { InvalidData, Overloaded, StartError } from '@throughline/model';
import {
  decodeTraces,
  encodeTraces,
  logsFromJson,
  readExportResponse,
  readRpcStatus,
  tracesToJson,
} from '@throughline/wire';
import { textOfTrace, traceFromText } from '@throughline/wire/testing';
import { afterEach, expect, test } from 'vitest';
import { compress } from '../../net/compression.ts';
import { type RunningReceiver, startReceiver, until } from '../../testing.ts';
import { otlp } from './otlp.ts';

const protobuf = 'application/x-protobuf';
const json = 'application/json';
const text = 'shop: GET /cart server 0..120 error\n  shop: SELECT client 10..50';
const traces = encodeTraces(traceFromText(text));
const tracesJson = tracesToJson(traces);
const logs = logsFromJson(
  Buffer.from(
    JSON.stringify({ resourceLogs: [{ scopeLogs: [{ logRecords: [{ body: { stringValue: 'hi' } }] }] }] }),
  ),
);
/** One span with an id of zeros, and one that is right. */
const halfWrong = JSON.stringify({
  resourceSpans: [
    {
      scopeSpans: [
        {
          spans: ['0'.repeat(16), '00000000000000aa'].map((spanId) => ({
            traceId: '0123456789abcdef0123456789abcdef',
            spanId,
            name: 'a',
          })),
        },
      ],
    },
  ],
});

let running: RunningReceiver | undefined;
afterEach(async () => {
  await running?.stop();
  running = undefined;
});

async function setup(http: object = {}, signals?: ('traces' | 'logs')[]) {
  running = await startReceiver(otlp, { protocols: { http: { endpoint: '127.0.0.1:0', ...http } } }, signals);
  const url = running.urls['OTLP/HTTP']!;
  const post = (path: string, body: Uint8Array | string, headers: Record<string, string> = {}) =>
    send(`${url}${path}`, 'POST', { 'Content-Type': protobuf, ...headers }, body);
  return { ...running, url, post };
}

interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
}

function send(
  url: string,
  method: string,
  headers: Record<string, string>,
  body: Uint8Array | string,
): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const request = httpRequest(url, { method, headers, agent: false }, (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('end', () =>
        resolve({ status: response.statusCode!, headers: response.headers, body: Buffer.concat(chunks) }),
      );
    });
    request.on('error', reject);
    request.end(body);
  });
}

/** The status, and what the body, a google.rpc.Status, says. */
function refusal({ status, headers, body }: Answer): string {
  const { code, message } =
    headers['content-type'] === json
      ? (JSON.parse(body.toString()) as { code: number; message: string })
      : readRpcStatus(body);
  return `${status} ${headers['content-type']} ${code}: ${message}`;
}

test('takes traces as protobuf and answers with an empty message', async () => {
  const { post, traces: sink } = await setup();
  const answer = await post('/v1/traces', traces);
  expect([answer.status, answer.headers['content-type'], answer.body.length]).toEqual([200, protobuf, 0]);
  expect(textOfTrace(decodeTraces(sink.batches[0]!.bytes))).toBe(textOfTrace(traceFromText(text)));
});

test('takes traces as JSON and answers in JSON', async () => {
  const { post, traces: sink } = await setup();
  const answer = await post('/v1/traces', tracesJson, { 'Content-Type': 'Application/JSON; charset=utf-8' });
  expect([answer.status, answer.headers['content-type'], answer.body.toString()]).toEqual([200, json, '{}']);
  expect(textOfTrace(decodeTraces(sink.batches[0]!.bytes))).toBe(textOfTrace(traceFromText(text)));
});

test('takes logs', async () => {
  const { post, logs: sink, env } = await setup();
  expect((await post('/v1/logs', logs)).status).toBe(200);
  expect(sink.items).toBe(1);
  expect(env.count('otelcol_receiver_accepted_log_records', { receiver: 'otlp', transport: 'http' })).toBe(1);
});

test.each([
  ['gzip', async () => gzipSync(traces)],
  ['gzip', async () => Buffer.concat([gzipSync(traces.subarray(0, 30)), gzipSync(traces.subarray(30))])],
  ['deflate', async () => deflateSync(traces)],
  ['zlib', async () => deflateSync(traces)],
  ['zstd', () => compress('zstd', traces)],
  ['identity', async () => traces],
  ['', async () => traces],
])('takes a body with Content-Encoding %s', async (coding, body) => {
  const { post, traces: sink } = await setup();
  expect((await post('/v1/traces', await body(), { 'Content-Encoding': coding })).status).toBe(200);
  expect(Buffer.from(traces).equals(sink.batches[0]!.bytes)).toBe(true);
});

test('takes a body of several megabytes, whole and in small chunks of unknown length', async () => {
  const { post, url, traces: sink } = await setup();
  const big = Buffer.concat(Array.from({ length: 30_000 }, () => traces));
  expect((await post('/v1/traces', big)).status).toBe(200);
  expect((await post('/v1/traces', gzipSync(big), { 'Content-Encoding': 'gzip' })).status).toBe(200);
  await new Promise<void>((resolve, reject) => {
    const request = httpRequest(`${url}/v1/traces`, {
      method: 'POST',
      headers: { 'Content-Type': protobuf },
    });
    request.on('error', reject);
    request.on('response', (response) => response.resume().on('end', resolve));
    for (let at = 0; at < big.length; at += 99_999) request.write(big.subarray(at, at + 99_999));
    request.end();
  });
  expect(sink.batches.map(({ items }) => items)).toEqual([60_000, 60_000, 60_000]);
  expect(sink.batches.every(({ bytes }) => big.equals(bytes))).toBe(true);
});

test('answers an empty request without troubling the pipeline', async () => {
  const { post, traces: sink } = await setup();
  expect((await post('/v1/traces', '')).status).toBe(200);
  expect((await post('/v1/traces', '{}', { 'Content-Type': json })).body.toString()).toBe('{}');
  expect(sink.batches).toEqual([]);
});

test.each(['abc', 'ab', ''])(
  'of spans whose id has the wrong length (%s) the others are kept',
  async (traceId) => {
    const { post, traces: sink } = await setup();
    const spans = [
      { traceId, spanId: '00000000000000aa' },
      { traceId: 'a'.repeat(32), spanId: 'b'.repeat(16) },
    ];
    const body = JSON.stringify({ resourceSpans: [{ scopeSpans: [{ spans }] }] });
    const answer = await post('/v1/traces', body, { 'Content-Type': json });
    expect(JSON.parse(answer.body.toString())).toMatchObject({
      partialSuccess: { rejectedSpans: '1', errorMessage: expect.stringContaining('trace_id') as string },
    });
    expect(sink.items).toBe(1);
  },
);

test('keeps what is right in a request and says how much is not, in the encoding of the request', async () => {
  const { post, traces: sink, env } = await setup();
  const inJson = await post('/v1/traces', halfWrong, { 'Content-Type': json });
  expect([inJson.status, JSON.parse(inJson.body.toString())]).toMatchObject([
    200,
    { partialSuccess: { rejectedSpans: '1' } },
  ]);
  expect(sink.items).toBe(1);
  const both = Buffer.concat([traces, sink.batches[0]!.bytes]);
  const wrong = Buffer.from(both);
  wrong.fill(0, wrong.lastIndexOf(Buffer.from('00000000000000aa', 'hex')), wrong.lastIndexOf(0xaa) + 1);
  const inProtobuf = await post('/v1/traces', wrong);
  expect([inProtobuf.status, readExportResponse(inProtobuf.body).rejected]).toEqual([200, 1]);
  expect(sink.items).toBe(3);
  expect(env.count('otelcol_receiver_accepted_spans')).toBe(3);
  expect(env.count('otelcol_receiver_refused_spans')).toBe(2);
});

test('says what is malformed and where, in the encoding of the request', async () => {
  const { post, env } = await setup();
  expect(refusal(await post('/v1/traces', traces.subarray(0, -1)))).toMatch(
    /^400 application\/x-protobuf 3: resource_spans\[0\].*past the end \(byte \d+\)$/,
  );
  expect(refusal(await post('/v1/traces', '{"resourceSpans": [{]}', { 'Content-Type': json }))).toMatch(
    /^400 application\/json 3: ./,
  );
  expect(refusal(await post('/v1/logs', '', { 'Content-Type': json }))).toMatch(
    /^400 application\/json 3: ./,
  );
  expect(env.count('throughline_receiver_failed_requests', { transport: 'http', code: '3' })).toBe(3);
});

test.each(['gzip', 'deflate', 'zstd'] as const)('refuses a damaged %s body', async (coding) => {
  const { post } = await setup();
  const whole = coding === 'deflate' ? deflateSync(traces) : await compress(coding, traces);
  for (const body of ['', 'not compressed', whole.subarray(0, -9)])
    expect(refusal(await post('/v1/traces', body, { 'Content-Encoding': coding }))).toMatch(
      new RegExp(`^400 application/x-protobuf 3: ${coding}: .`),
    );
});

test('refuses other media types with 415', async () => {
  const { post } = await setup();
  for (const type of ['text/plain', 'application/x-protobufs', ''])
    expect(await post('/v1/traces', traces, { 'Content-Type': type })).toMatchObject({ status: 415 });
});

test('refuses encodings that it does not know, or is told not to take, with 415', async () => {
  const { post } = await setup({ compressionAlgorithms: ['', 'gzip'] });
  for (const coding of ['br', 'zstd', 'gzip, gzip']) {
    const answer = await post('/v1/traces', traces, { 'Content-Encoding': coding });
    expect(refusal(answer)).toBe(`415 ${protobuf} 3: the Content-Encoding ${coding} is not supported`);
    expect(answer.headers['accept-encoding']).toBe('gzip');
  }
  expect((await post('/v1/traces', gzipSync(traces), { 'Content-Encoding': 'GZIP' })).status).toBe(200);
});

test('refuses other methods with 405', async () => {
  const { url } = await setup();
  for (const method of ['GET', 'PUT', 'DELETE', 'OPTIONS'])
    expect(await send(`${url}/v1/traces`, method, { 'Content-Type': protobuf }, '')).toMatchObject({
      status: 405,
      headers: { allow: 'POST' },
    });
});

test('finds nothing at other paths, metrics and profiles included', async () => {
  const { post, url } = await setup();
  for (const path of [
    '/',
    '/v1/metrics',
    '/v1development/profiles',
    '/v1/profiles',
    '/v1/traces/',
    '/V1/TRACES',
  ])
    expect((await post(path, '')).status, path).toBe(404);
  expect((await post('/v1/traces?x=1', traces)).status).toBe(200);
  const absolute = `POST http://a/v1/traces HTTP/1.1\r\nHost: a\r\nContent-Type: ${json}\r\nContent-Length: 2\r\nConnection: close\r\n\r\n{}`;
  expect(await raw(url, absolute)).toMatch(/^HTTP\/1.1 200/);
});

test('finds no path for a signal that no pipeline asks for', async () => {
  const { post } = await setup({}, ['logs']);
  expect((await post('/v1/traces', traces)).status).toBe(404);
  expect((await post('/v1/logs', logs)).status).toBe(200);
});

test('takes data at the paths that the configuration names', async () => {
  const { post } = await setup({ tracesUrlPath: 'otlp/t', logsUrlPath: '/otlp/l' });
  expect((await post('/otlp/t', traces)).status).toBe(200);
  expect((await post('/otlp/l', logs)).status).toBe(200);
  expect((await post('/v1/traces', traces)).status).toBe(404);
});

test('refuses a body over the limit with 413, announced or not, and goes on with the connection', async () => {
  const { post, url, traces: sink } = await setup({ maxRequestBodySize: 100_000 });
  const big = Buffer.concat(Array.from({ length: 2000 }, () => traces));
  const message = `413 ${protobuf} 8: the request body is larger than the limit of 100000 bytes`;
  expect(refusal(await post('/v1/traces', big))).toBe(message);
  expect(refusal(await post('/v1/traces', big, { 'Transfer-Encoding': 'chunked' }))).toBe(message);
  const answers = await raw(
    url,
    `POST /v1/traces HTTP/1.1\r\nHost: a\r\nContent-Type: ${protobuf}\r\nContent-Length: 200000\r\n\r\n${'x'.repeat(200_000)}` +
      `POST /v1/logs HTTP/1.1\r\nHost: a\r\nContent-Type: ${json}\r\nContent-Length: 2\r\nConnection: close\r\n\r\n{}`,
  );
  expect(answers.match(/HTTP\/1.1 \d+/g)).toEqual(['HTTP/1.1 413', 'HTTP/1.1 200']);
  expect(sink.batches).toEqual([]);
});

test('tells a sender who does not keep the connection that the body is too large, while it is still writing', async () => {
  const { url } = await setup({ maxRequestBodySize: 4_000_000 });
  const length = 12_000_000;
  const head = `POST /v1/traces HTTP/1.1\r\nHost: a\r\nContent-Type: ${protobuf}\r\nContent-Length: ${length}\r\nConnection: close\r\n\r\n`;
  expect(await raw(url, head + 'x'.repeat(length))).toMatch(/^HTTP\/1\.1 413 [^]*4000000 bytes/);
});

test.each(['gzip', 'deflate', 'zstd'] as const)('stops a %s bomb at the limit', async (coding) => {
  const { post } = await setup({ maxRequestBodySize: 1_000_000 });
  const zeros = Buffer.alloc(200_000_000);
  const bomb = coding === 'deflate' ? deflateSync(zeros) : await compress(coding, zeros);
  expect(bomb.length).toBeLessThan(250_000);
  expect(refusal(await post('/v1/traces', bomb, { 'Content-Encoding': coding }))).toBe(
    `413 ${protobuf} 8: the decompressed message is larger than the limit of 1000000 bytes`,
  );
});

test('stops a zstd frame that announces a huge window or content before setting anything aside', async () => {
  const { post } = await setup();
  const frame = (...header: number[]) => Buffer.from([0x28, 0xb5, 0x2f, 0xfd, ...header, 1, 0, 0]);
  for (const [bytes, what] of [
    [frame(0x00, 0xf8), 'the zstd window'],
    [frame(0xe0, 0, 0, 0, 0, 0x10, 0, 0, 0), 'the decompressed message'],
  ] as const)
    expect(refusal(await post('/v1/traces', bytes, { 'Content-Encoding': 'zstd' }))).toContain(
      `413 ${protobuf} 8: ${what} is larger`,
    );
});

test.each([
  ['InvalidData', new InvalidData('no such thing'), `400 ${protobuf} 3: no such thing`, undefined],
  ['Overloaded', new Overloaded('the journal is full', 2300), `429 ${protobuf} 8: the journal is full`, '3'],
  ['Overloaded for a moment', new Overloaded('wait', 5), `429 ${protobuf} 8: wait`, '1'],
  ['any other error', new Error('disk on fire'), `503 ${protobuf} 14: disk on fire`, undefined],
])('answers when the pipeline throws %s', async (_, error, expected, retryAfter) => {
  const { post, traces: sink, env } = await setup();
  sink.before = () => {
    throw error;
  };
  const answer = await post('/v1/traces', traces);
  expect(refusal(answer)).toBe(expected);
  expect(answer.headers['retry-after']).toBe(retryAfter);
  expect(env.count('otelcol_receiver_refused_spans', { transport: 'http' })).toBe(2);
  expect(env.count('otelcol_receiver_accepted_spans')).toBe(0);
});

test('tells how long to wait in the body too', async () => {
  const { post, traces: sink } = await setup();
  sink.before = () => {
    throw new Overloaded('full', 2300);
  };
  expect(readRpcStatus((await post('/v1/traces', traces)).body).retryDelayMs).toBe(2300);
  expect(
    JSON.parse((await post('/v1/traces', tracesJson, { 'Content-Type': json })).body.toString()),
  ).toMatchObject({
    code: 8,
    message: 'full',
    details: [{ retryDelay: '2.300s' }],
  });
});

test('answers only when the pipeline has the batch', async () => {
  const { post, traces: sink } = await setup();
  let release = () => {};
  sink.before = () => new Promise<void>((resolve) => (release = resolve));
  let answered = false;
  const answer = post('/v1/traces', traces).finally(() => (answered = true));
  await new Promise((resolve) => setTimeout(resolve, 50));
  expect(answered).toBe(false);
  release();
  expect((await answer).status).toBe(200);
});

/** Sends `bytes` over a connection of its own and returns everything that comes back until it closes. */
function raw(url: string, bytes: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect(Number(new URL(url).port), '127.0.0.1', () => socket.write(bytes, 'latin1'));
    let all = '';
    socket.setEncoding('latin1').on('data', (chunk: string) => (all += chunk));
    socket.on('close', () => resolve(all)).on('error', reject);
  });
}

test('asks for the body of a sender that waits to be asked, and saves it the way when the body is too large', async () => {
  const { url } = await setup({ maxRequestBodySize: 1000 });
  const head = (length: number) =>
    `POST /v1/traces HTTP/1.1\r\nHost: a\r\nContent-Type: ${json}\r\nContent-Length: ${length}\r\nExpect: 100-continue\r\nConnection: close\r\n\r\n`;
  expect((await raw(url, head(2) + '{}')).match(/HTTP\/1.1 \d+/g)).toEqual(['HTTP/1.1 100', 'HTTP/1.1 200']);
  expect((await raw(url, head(2000))).match(/HTTP\/1.1 \d+/g)).toEqual(['HTTP/1.1 413']);
});

test('lets a page of an allowed origin send', async () => {
  const { url, post } = await setup({
    cors: {
      allowedOrigins: ['https://*.example.com'],
      allowedHeaders: ['X-Tenant'],
      maxAge: 600,
      exposedHeaders: ['Retry-After'],
    },
  });
  const preflight = (origin: string, headers: string) =>
    send(
      `${url}/v1/traces`,
      'OPTIONS',
      {
        Origin: origin,
        'Access-Control-Request-Method': 'POST',
        'Access-Control-Request-Headers': headers,
      },
      '',
    );
  expect(await preflight('https://shop.example.com', 'content-type,x-tenant')).toMatchObject({
    status: 204,
    headers: {
      'access-control-allow-origin': 'https://shop.example.com',
      'access-control-allow-methods': 'POST',
      'access-control-allow-headers': 'content-type, x-tenant',
      'access-control-allow-credentials': 'true',
      'access-control-max-age': '600',
      vary: 'Origin, Access-Control-Request-Method, Access-Control-Request-Headers',
    },
  });
  expect((await preflight('https://shop.example.com', 'x-other')).headers).not.toHaveProperty(
    'access-control-allow-headers',
  );
  expect((await preflight('https://example.org', 'content-type')).headers).not.toHaveProperty(
    'access-control-allow-origin',
  );
  expect(await post('/v1/traces', traces, { Origin: 'https://shop.example.com' })).toMatchObject({
    status: 200,
    headers: {
      'access-control-allow-origin': 'https://shop.example.com',
      'access-control-expose-headers': 'Retry-After',
      vary: 'Origin',
    },
  });
  expect(await post('/v1/traces', 'x', { Origin: 'https://shop.example.com' })).toMatchObject({
    status: 400,
    headers: { 'access-control-allow-origin': 'https://shop.example.com' },
  });
});

test('adds the configured headers to every answer', async () => {
  const { post } = await setup({ responseHeaders: { 'X-Served-By': 'a' } });
  expect((await post('/v1/traces', traces)).headers['x-served-by']).toBe('a');
  expect((await post('/nowhere', '')).headers['x-served-by']).toBe('a');
});

test('closes each connection after one request when told to', async () => {
  const { post } = await setup({ keepAlivesEnabled: false });
  expect((await post('/v1/traces', traces)).headers.connection).toBe('close');
});

test('finishes what has begun before it stops, and takes nothing new', async () => {
  const { post, url, traces: sink, receiver } = await setup();
  let release = () => {};
  sink.before = () => new Promise<void>((resolve) => (release = resolve));
  const answer = post('/v1/traces', traces);
  const consuming = new Promise<void>((resolve) => {
    const block = sink.before;
    sink.before = (batch) => {
      resolve();
      return block(batch);
    };
  });
  await consuming;
  const stopped = receiver.stop();
  await expect(send(`${url}/v1/traces`, 'POST', { 'Content-Type': protobuf }, traces)).rejects.toThrow(
    'ECONNREFUSED',
  );
  release();
  expect((await answer).status).toBe(200);
  await stopped;
  running = undefined;
});

test('forgets a sender that goes away in the middle', async () => {
  const { url, post, traces: sink, env } = await setup();
  const socket = connect(Number(new URL(url).port), '127.0.0.1', () =>
    socket.write(
      `POST /v1/traces HTTP/1.1\r\nHost: a\r\nContent-Type: ${protobuf}\r\nContent-Length: 5000\r\n\r\nabc`,
    ),
  );
  await new Promise((resolve) => socket.once('connect', resolve));
  await post('/v1/traces', traces);
  socket.destroy();
  expect((await post('/v1/traces', traces)).status).toBe(200);
  expect(sink.items).toBe(4);
  expect(env.logged).toEqual([]);
});

test('says in one sentence which component cannot have its port', async () => {
  const { url } = await setup();
  const { port } = new URL(url);
  const second = startReceiver(otlp, { protocols: { http: { endpoint: `127.0.0.1:${port}` } } });
  await expect(second).rejects.toThrow(StartError);
  await expect(second).rejects.toThrow(
    `receiver otlp (OTLP/HTTP) cannot listen on 127.0.0.1:${port}: the port is in use by another program`,
  );
});

test('does not wait for stragglers when idle connections are open', async () => {
  const { url, post, receiver } = await setup();
  await post('/v1/traces', traces);
  const idle = connect(Number(new URL(url).port), '127.0.0.1');
  await new Promise((resolve) => idle.once('connect', resolve));
  const before = performance.now();
  await receiver.stop();
  running = undefined;
  expect(performance.now() - before).toBeLessThan(2400);
  await until(
    'the idle connection is closed',
    () => idle.destroyed || idle.readableEnded || (idle.resume(), false),
  );
});
