import {
  connect as connectHttp2,
  constants,
  type ClientHttp2Session,
  type OutgoingHttpHeaders,
} from 'node:http2';
import { connect } from 'node:net';
import { gzipSync } from 'node:zlib';
import { Client, credentials, Metadata, type ServiceError, status } from '@grpc/grpc-js';
import { InvalidData, Overloaded, StartError } from '@throughline/model';
import {
  encodeTraces,
  logsFromJson,
  readExportResponse,
  readRpcStatus,
  tracesFromJson,
} from '@throughline/wire';
import { traceFromText } from '@throughline/wire/testing';
import { afterEach, expect, test } from 'vitest';
import { compress } from '../../net/compression.ts';
import { type RunningReceiver, startReceiver, until } from '../../testing.ts';
import { otlp } from './otlp.ts';

const tracesPath = '/opentelemetry.proto.collector.trace.v1.TraceService/Export';
const logsPath = '/opentelemetry.proto.collector.logs.v1.LogsService/Export';
const traces = Buffer.from(
  encodeTraces(traceFromText('shop: GET /cart server 0..120\n  shop: SELECT client 10..50')),
);
const logs = logsFromJson(
  Buffer.from(
    JSON.stringify({ resourceLogs: [{ scopeLogs: [{ logRecords: [{ body: { stringValue: 'hi' } }] }] }] }),
  ),
);

const cleanups: (() => void | Promise<void>)[] = [];
afterEach(async () => {
  for (const clean of cleanups.splice(0).reverse()) await clean();
});

async function setup(
  grpc: object = {},
  signals?: ('traces' | 'logs')[],
): Promise<RunningReceiver & { url: string }> {
  const running = await startReceiver(
    otlp,
    { protocols: { grpc: { endpoint: '127.0.0.1:0', ...grpc } } },
    signals,
  );
  cleanups.push(() => running.stop());
  return { ...running, url: running.urls['OTLP/gRPC']! };
}

/** A call by grpc-js; resolves with the answer or the error. */
function clientOf(url: string) {
  const client = new Client(new URL(url).host, credentials.createInsecure());
  cleanups.push(() => client.close());
  return (path: string, body: Uint8Array, options: { deadline?: number } = {}, metadata = new Metadata()) =>
    new Promise<Buffer | ServiceError>((resolve) =>
      client.makeUnaryRequest(
        path,
        (bytes: Uint8Array) => Buffer.from(bytes),
        (bytes) => bytes,
        body,
        metadata,
        options,
        (error, answer) => resolve(error ?? answer!),
      ),
    );
}

function frame(body: Uint8Array, compressed = 0): Buffer {
  const header = Buffer.alloc(5);
  header[0] = compressed;
  header.writeUInt32BE(body.length, 1);
  return Buffer.concat([header, body]);
}

interface Answer {
  /** HTTP status. */
  readonly http: number;
  /** `3: what was wrong`. */
  readonly status: string;
  readonly body: Buffer;
  readonly headers: Record<string, string | number>;
}

function sessionOf(url: string): ClientHttp2Session {
  const session = connectHttp2(url);
  session.on('error', () => {});
  cleanups.push(() => session.destroy());
  return session;
}

/** A call by plain HTTP/2: `chunks` go out one by one. */
async function call(url: string, chunks: Uint8Array[], headers: OutgoingHttpHeaders = {}): Promise<Answer> {
  const stream = sessionOf(url).request({
    ':method': 'POST',
    ':path': tracesPath,
    'content-type': 'application/grpc',
    te: 'trailers',
    ...headers,
  });
  const all: Record<string, string | number> = {};
  const received: Buffer[] = [];
  stream.on('response', (more) => Object.assign(all, more));
  stream.on('trailers', (more) => Object.assign(all, more));
  stream.on('data', (chunk: Buffer) => received.push(chunk));
  stream.on('error', () => {});
  const closed = new Promise((resolve) => stream.on('close', resolve));
  for (const chunk of chunks) {
    if (stream.destroyed || stream.closed) break;
    stream.write(chunk);
    await new Promise((resolve) => setImmediate(resolve));
  }
  stream.end();
  await closed;
  return {
    http: all[':status'] as number,
    status: `${String(all['grpc-status'])}: ${decodeURIComponent(String(all['grpc-message'] ?? ''))}`,
    body: Buffer.concat(received),
    headers: all,
  };
}

test('takes traces and logs from grpc-js', async () => {
  const { url, traces: sink, logs: logSink, env } = await setup();
  const export_ = clientOf(url);
  expect(await export_(tracesPath, traces)).toHaveLength(0);
  expect(await export_(logsPath, logs)).toHaveLength(0);
  expect(sink.batches).toMatchObject([{ signal: 'traces', items: 2 }]);
  expect(traces.equals(sink.batches[0]!.bytes)).toBe(true);
  expect(logSink.items).toBe(1);
  expect(env.count('otelcol_receiver_accepted_spans', { receiver: 'otlp', transport: 'grpc' })).toBe(2);
  expect(env.count('otelcol_receiver_accepted_log_records', { transport: 'grpc' })).toBe(1);
});

test('takes a message in whatever pieces it comes', async () => {
  const { url, traces: sink } = await setup();
  const whole = frame(traces);
  for (const sizes of [[1, 1, 1, 1, 1, 1, 1], [3, 10], [5, 1], [whole.length - 1]]) {
    const chunks: Buffer[] = [];
    let at = 0;
    for (const size of sizes) chunks.push(whole.subarray(at, (at += size)));
    expect((await call(url, [...chunks, whole.subarray(at)])).status).toBe('0: ');
  }
  expect(sink.batches.every(({ bytes }) => traces.equals(bytes))).toBe(true);
  expect(sink.items).toBe(8);
});

test('takes many calls at once over one connection', async () => {
  const { url, traces: sink } = await setup();
  const export_ = clientOf(url);
  const big = Buffer.concat(Array.from({ length: 5000 }, () => traces));
  const answers = await Promise.all(Array.from({ length: 40 }, () => export_(tracesPath, big)));
  expect(answers.every((answer) => answer instanceof Buffer)).toBe(true);
  expect(sink.items).toBe(400_000);
});

test('takes gzip and zstd', async () => {
  const { url, traces: sink } = await setup();
  for (const coding of ['gzip', 'zstd'] as const) {
    const body = frame(await compress(coding, traces), 1);
    expect((await call(url, [body], { 'grpc-encoding': coding })).status).toBe('0: ');
  }
  expect((await call(url, [frame(traces)], { 'grpc-encoding': 'gzip' })).status).toBe('0: ');
  expect(sink.batches.every(({ bytes }) => traces.equals(bytes))).toBe(true);
  expect(sink.items).toBe(6);
});

test('refuses a grpc-encoding that it does not know, and says which ones it does', async () => {
  const { url } = await setup();
  expect(await call(url, [frame(traces, 1)], { 'grpc-encoding': 'snappy' })).toMatchObject({
    http: 200,
    status: '12: the grpc-encoding snappy is not supported',
    headers: { 'grpc-accept-encoding': 'identity,gzip,zstd,deflate,zlib' },
  });
});

test('answers an empty message without troubling the pipeline', async () => {
  const { url, traces: sink } = await setup();
  expect(await call(url, [frame(Buffer.alloc(0))])).toMatchObject({ status: '0: ', body: Buffer.alloc(5) });
  expect(sink.batches).toEqual([]);
});

test('keeps what is right in a message and says how much is not', async () => {
  const { url, traces: sink } = await setup();
  const wrong = tracesFromJson(
    Buffer.from(
      JSON.stringify({
        resourceSpans: [{ scopeSpans: [{ spans: [{ traceId: '0'.repeat(32), spanId: 'a'.repeat(16) }] }] }],
      }),
    ),
  );
  const answer = await call(url, [frame(Buffer.concat([traces, wrong]))]);
  expect(answer.status).toBe('0: ');
  expect(readExportResponse(answer.body.subarray(5)).rejected).toBe(1);
  expect(sink.items).toBe(2);
});

test.each([
  ['no message', [], '3: the call has no message'],
  ['half a header', [Buffer.alloc(3)], '3: gRPC framing: the message header is cut off'],
  [
    'half a message',
    [frame(traces).subarray(0, 20)],
    /^3: gRPC framing: the message ends after 15 of \d+ bytes$/,
  ],
  [
    'two messages',
    [frame(traces), frame(traces)],
    '3: gRPC framing: bytes after the one message of the call',
  ],
  ['a wrong flag', [frame(traces, 2)], '3: gRPC framing: 2 is not a compressed flag'],
  ['an unannounced encoding', [frame(gzipSync(traces), 1)], /^3: gRPC framing: a compressed message, but/],
  ['a cut message', [frame(traces.subarray(0, -1))], /^3: resource_spans\[0\].* past the end \(byte \d+\)$/],
])('refuses %s', async (_, chunks, expected) => {
  const { url, traces: sink } = await setup();
  const answer = await call(url, chunks);
  expect(answer.status).toEqual(expect.stringMatching(expected));
  expect(answer.http).toBe(200);
  expect(sink.batches).toEqual([]);
});

test('refuses damaged compression', async () => {
  const { url } = await setup();
  const body = frame(gzipSync(traces).subarray(0, -9), 1);
  expect((await call(url, [body], { 'grpc-encoding': 'gzip' })).status).toBe(
    '3: gzip: unexpected end of file',
  );
});

test('does not know other methods', async () => {
  const { url } = await setup({}, ['traces']);
  const export_ = clientOf(url);
  const metrics = '/opentelemetry.proto.collector.metrics.v1.MetricsService/Export';
  for (const path of [metrics, logsPath, '/a/b'])
    expect(await export_(path, traces)).toMatchObject({
      code: status.UNIMPLEMENTED,
      details: `unknown method ${path}`,
    });
  const big = Buffer.alloc(3_000_000);
  expect(await export_(metrics, big)).toMatchObject({ code: status.UNIMPLEMENTED });
});

test('tells probes what is served', async () => {
  const { url } = await setup({}, ['traces']);
  const ask = clientOf(url);
  const about = (service: string) =>
    ask('/grpc.health.v1.Health/Check', Buffer.from(`\n${String.fromCharCode(service.length)}${service}`));
  expect(await ask('/grpc.health.v1.Health/Check', Buffer.alloc(0))).toEqual(Buffer.from([8, 1]));
  expect(await about('opentelemetry.proto.collector.trace.v1.TraceService')).toEqual(Buffer.from([8, 1]));
  expect(await about('opentelemetry.proto.collector.logs.v1.LogsService')).toMatchObject({
    code: status.NOT_FOUND,
  });
  expect(await ask('/grpc.health.v1.Health/Check', Buffer.from([10, 9]))).toMatchObject({
    code: status.INVALID_ARGUMENT,
  });
});

test('answers what is not gRPC with plain HTTP', async () => {
  const { url } = await setup();
  expect((await call(url, [frame(traces)], { 'content-type': 'application/json' })).http).toBe(415);
  expect((await call(url, [frame(traces)], { 'content-type': 'application/grpcx' })).http).toBe(415);
  expect((await call(url, [frame(traces)], { ':method': 'PUT' })).http).toBe(405);
  expect((await call(url, [frame(traces)], { 'content-type': 'application/grpc+proto' })).status).toBe('0: ');
});

test('refuses a message over the limit before it has come, and the same after decompression', async () => {
  const { url, traces: sink } = await setup({ maxRecvMsgSizeMib: 1 });
  const export_ = clientOf(url);
  const big = Buffer.concat(Array.from({ length: 10_000 }, () => traces));
  expect(await export_(tracesPath, big)).toMatchObject({
    code: status.RESOURCE_EXHAUSTED,
    details: 'the message is larger than the limit of 1048576 bytes',
  });
  const announced = frame(Buffer.alloc(0));
  announced.writeUInt32BE(0xffff_ffff, 1);
  expect((await call(url, [announced])).status).toBe(
    '8: the message is larger than the limit of 1048576 bytes',
  );
  for (const coding of ['gzip', 'zstd'] as const) {
    const bomb = frame(await compress(coding, Buffer.alloc(100_000_000)), 1);
    const answer = await call(url, [bomb], { 'grpc-encoding': coding });
    expect(answer.status).toBe('8: the decompressed message is larger than the limit of 1048576 bytes');
    expect(answer.headers).not.toHaveProperty('grpc-status-details-bin');
  }
  expect(await export_(tracesPath, traces)).toHaveLength(0);
  expect(sink.items).toBe(2);
});

test.each([
  ['InvalidData', new InvalidData('no such thing'), status.INVALID_ARGUMENT, undefined],
  ['Overloaded', new Overloaded('the journal is full', 2300), status.RESOURCE_EXHAUSTED, 2300],
  ['any other error', new Error('100 % "broken", größer'), status.UNAVAILABLE, undefined],
])('answers when the pipeline throws %s', async (_, error, code, retryDelayMs) => {
  const { url, traces: sink, env } = await setup();
  sink.before = () => {
    throw error;
  };
  const answer = (await clientOf(url)(tracesPath, traces)) as ServiceError;
  expect(answer).toMatchObject({ code, details: error.message });
  const [details] = answer.metadata.get('grpc-status-details-bin') as Buffer[];
  expect(details && readRpcStatus(details)).toEqual(
    retryDelayMs === undefined ? undefined : { code, message: error.message, retryDelayMs },
  );
  expect(env.count('otelcol_receiver_refused_spans', { transport: 'grpc' })).toBe(2);
  expect(env.count('throughline_receiver_failed_requests', { code: String(code) })).toBe(1);
});

test('keeps to the time that the sender allows', async () => {
  const { url, traces: sink } = await setup();
  const held: (() => void)[] = [];
  sink.before = () => new Promise<void>((resolve) => held.push(resolve));
  expect((await call(url, [frame(traces)], { 'grpc-timeout': '50m' })).status).toBe(
    '4: the time that the sender allows is over',
  );
  const answer = call(url, [frame(traces)], { 'grpc-timeout': '99999999H' });
  await until('both are in the pipeline', () => held.length === 2);
  for (const release of held) release();
  expect((await answer).status).toBe('0: ');
  expect((await call(url, [frame(traces)], { 'grpc-timeout': 'soon' })).status).toBe(
    '3: grpc-timeout: soon is not a time',
  );
});

test('forgets a call that is cancelled or cut off in the middle', async () => {
  const { url, traces: sink, env } = await setup();
  const session = sessionOf(url);
  const stream = session.request({
    ':method': 'POST',
    ':path': tracesPath,
    'content-type': 'application/grpc',
  });
  stream.on('error', () => {});
  stream.write(frame(traces).subarray(0, 20));
  await new Promise((resolve) => session.ping(resolve));
  stream.close(constants.NGHTTP2_CANCEL);
  await new Promise((resolve) => stream.on('close', resolve));
  const other = session.request({
    ':method': 'POST',
    ':path': tracesPath,
    'content-type': 'application/grpc',
  });
  other.on('error', () => {});
  other.write(frame(traces).subarray(0, 20));
  await new Promise((resolve) => session.ping(resolve));
  session.destroy();
  expect((await call(url, [frame(traces)])).status).toBe('0: ');
  expect(sink.items).toBe(2);
  expect(env.logged).toEqual([]);
});

test('survives what is not HTTP/2', async () => {
  const { url } = await setup();
  for (const bytes of [
    'GET / HTTP/1.1\r\nHost: a\r\n\r\n',
    '\0\0\0\0',
    'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\xff\xff\xff\xff\xff\xff\xff\xff\xff',
  ])
    await new Promise<void>((resolve) => {
      const socket = connect(Number(new URL(url).port), '127.0.0.1', () => socket.end(bytes, 'latin1'));
      socket.on('error', () => {}).on('close', () => resolve());
      socket.resume();
    });
  expect((await call(url, [frame(traces)])).status).toBe('0: ');
});

test('finishes the calls that have begun before it stops, and sends clients away', async () => {
  const { url, traces: sink, receiver } = await setup();
  let release = () => {};
  const consuming = new Promise<void>((consumed) => {
    sink.before = () =>
      new Promise<void>((resolve) => {
        release = resolve;
        consumed();
      });
  });
  const session = sessionOf(url);
  const goaway = new Promise((resolve) => session.on('goaway', resolve));
  const answer = call(url, [frame(traces)]);
  await consuming;
  const before = performance.now();
  const stopped = receiver.stop();
  expect(await goaway).toBe(constants.NGHTTP2_NO_ERROR);
  release();
  expect((await answer).status).toBe('0: ');
  await stopped;
  expect(performance.now() - before).toBeLessThan(2400);
  cleanups.length = 0;
});

test('asks clients to connect anew when their connection is old', async () => {
  const { url } = await setup({
    keepalive: { serverParameters: { maxConnectionAge: '50ms', maxConnectionAgeGrace: '50ms' } },
  });
  const session = sessionOf(url);
  expect(await new Promise((resolve) => session.on('goaway', resolve))).toBe(constants.NGHTTP2_NO_ERROR);
  await until('the session is closed', () => session.destroyed);
});

test('closes connections without calls when told to', async () => {
  const { url } = await setup({ keepalive: { serverParameters: { maxConnectionIdle: '100ms' } } });
  const session = sessionOf(url);
  await until('the session is closed', () => session.destroyed);
});

test('pings clients, and cuts off one that is dead', async () => {
  const { url } = await setup({ keepalive: { serverParameters: { time: '50ms', timeout: '1s' } } });
  const alive = sessionOf(url);
  let pings = 0;
  alive.on('ping', () => pings++);
  const dead = connect(Number(new URL(url).port), '127.0.0.1', () =>
    dead.write('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\x04\0\0\0\0\0', 'latin1'),
  );
  dead.on('error', () => {}).resume();
  await until('the dead one is cut off', () => dead.destroyed);
  await until('the live one is pinged', () => pings >= 3);
  expect(alive.destroyed).toBe(false);
});

test('ends a connection of which the runtime does not see that it has ended', async () => {
  const { url } = await setup({ keepalive: { serverParameters: { time: '50ms', timeout: '200ms' } } });
  const server = connect(Number(new URL(url).port), '127.0.0.1');
  await new Promise((resolve) => server.once('connect', resolve));
  // Settings, and then a frame that is larger than any may be: the runtime reads no more after it.
  server.write('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\x04\0\0\0\0\0\xff\xff\xff\0\x01\0\0\0\x01', 'latin1');
  server.on('error', () => {}).resume();
  await until('it is closed by the receiver', () => server.closed);
});

test('sends a client away that pings more often than allowed', async () => {
  const { url } = await setup({ keepalive: { enforcementPolicy: { minTime: '10m' } } });
  const session = sessionOf(url);
  const goaway = new Promise((resolve) => session.on('goaway', (code) => resolve(code)));
  await new Promise((resolve) => session.on('connect', resolve));
  for (let i = 0; i < 5 && !session.destroyed; i++) await new Promise((resolve) => session.ping(resolve));
  expect(await goaway).toBe(constants.NGHTTP2_ENHANCE_YOUR_CALM);
});

test('allows as many calls at once as configured', async () => {
  const { url } = await setup({ maxConcurrentStreams: 7 });
  const session = sessionOf(url);
  await new Promise((resolve) => session.on('remoteSettings', resolve));
  expect(session.remoteSettings.maxConcurrentStreams).toBe(7);
});

test('says in one sentence which component cannot have its port', async () => {
  const { url } = await setup();
  const { port } = new URL(url);
  const second = startReceiver(otlp, { protocols: { grpc: { endpoint: `127.0.0.1:${port}` } } });
  await expect(second).rejects.toThrow(StartError);
  await expect(second).rejects.toThrow(
    `receiver otlp (OTLP/gRPC) cannot listen on 127.0.0.1:${port}: the port is in use by another program`,
  );
});
