import { fork } from 'node:child_process';
import { once } from 'node:events';
import { request } from 'node:http';
import { type ClientHttp2Session, connect as connectHttp2, constants } from 'node:http2';
import { connect, type Socket } from 'node:net';
import { extname } from 'node:path';
import { gzipSync } from 'node:zlib';

import { compress, until } from '@throughline/components/testing';
import { encodeTraces } from '@throughline/wire';
import { traceFromText } from '@throughline/wire/testing';
import { expect, test } from 'vitest';
import { type Receiver, receiver } from './otlp-clients/receiver.ts';

const tracesPath = '/opentelemetry.proto.collector.trace.v1.TraceService/Export';
const protobuf = 'application/x-protobuf';
const traces = Buffer.from(
  encodeTraces(
    traceFromText(['shop: GET /cart server 0..9', ...Array(99).fill('  shop: SELECT 1..2')].join('\n')),
  ),
);
const message = framed(traces, 0);

function framed(body: Uint8Array, compressed: number): Buffer {
  const header = Buffer.alloc(5);
  header[0] = compressed;
  header.writeUInt32BE(body.length, 1);
  return Buffer.concat([header, body]);
}

function http1(body: Uint8Array, headers = ''): Buffer {
  const head = `POST /v1/traces HTTP/1.1\r\nHost: a\r\nContent-Type: ${protobuf}\r\n${headers}Content-Length: ${body.length}\r\n\r\n`;
  return Buffer.concat([Buffer.from(head), body]);
}

async function connected(url: string): Promise<Socket> {
  const socket = connect(Number(new URL(url).port), '127.0.0.1');
  socket.on('error', () => {});
  await once(socket, 'connect');
  return socket;
}

/** The status of the next answer on a connection; 0 when it breaks before. */
async function status(socket: Socket): Promise<number> {
  const answer = once(socket, 'data').catch(() => [Buffer.alloc(0)]);
  const [chunk] = (await answer) as [Buffer];
  return Number(/^HTTP\/1.1 (\d+)/.exec(chunk.toString('latin1'))?.[1] ?? 0);
}

function call(session: ClientHttp2Session, headers = {}) {
  const stream = session.request({
    ':method': 'POST',
    ':path': tracesPath,
    'content-type': 'application/grpc',
    te: 'trailers',
    ...headers,
  });
  stream.on('error', () => {});
  const answer = new Promise<string>((resolve) => {
    let told = 'nothing';
    stream.on('response', (all) => (told = String(all['grpc-status'] ?? told)));
    stream.on('trailers', (all) => (told = String(all['grpc-status'])));
    stream.on('close', () => resolve(told));
  });
  stream.resume();
  return { stream, answer };
}

function sessionTo(it: Pick<Receiver, 'grpc'>): ClientHttp2Session {
  return connectHttp2(`http://${it.grpc}`).on('error', () => {});
}

/** Numbers from 0 to 1, the same in every run (mulberry32). */
function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

test('500 connections send at once, each more than once', async () => {
  const it = await receiver();
  const sockets = await Promise.all(Array.from({ length: 500 }, () => connected(it.http)));
  for (let round = 0; round < 4; round++) {
    for (const socket of sockets) socket.write(http1(traces));
    expect(new Set(await Promise.all(sockets.map(status)))).toEqual(new Set([200]));
  }
  for (const socket of sockets) socket.destroy();
  expect(it.traces.items).toBe(500 * 4 * 100);
});

test('500 gRPC connections send at once', async () => {
  const it = await receiver();
  const sessions = Array.from({ length: 500 }, () => sessionTo(it));
  const answers = sessions.map((session) => {
    const { stream, answer } = call(session);
    stream.end(message);
    return answer;
  });
  expect(new Set(await Promise.all(answers))).toEqual(new Set(['0']));
  for (const session of sessions) session.destroy();
  expect(it.traces.items).toBe(500 * 100);
});

test('senders that send a few bytes at a time are served, and hold nobody up', async () => {
  const it = await receiver();
  const slow = await Promise.all(Array.from({ length: 20 }, () => connected(it.http)));
  const slowAnswers = slow.map(status);
  const session = sessionTo(it);
  const calls = Array.from({ length: 20 }, () => call(session));
  const whole = http1(traces);
  const quick = await connected(it.http);
  const step = Math.ceil(whole.length / 60);
  for (let at = 0; at < whole.length; at += step) {
    for (const socket of slow) socket.write(whole.subarray(at, at + step));
    for (const { stream } of calls) if (at < message.length) stream.write(message.subarray(at, at + step));
    quick.write(whole);
    expect(await status(quick)).toBe(200);
  }
  for (const { stream } of calls) stream.end();
  expect(new Set(await Promise.all(slowAnswers))).toEqual(new Set([200]));
  expect(new Set(await Promise.all(calls.map(({ answer }) => answer)))).toEqual(new Set(['0']));
  for (const socket of [quick, ...slow]) socket.destroy();
  session.destroy();
  expect(it.traces.items).toBe((60 + 40) * 100);
});

/** A frame of stream 1, or of the connection for SETTINGS (RFC 9113). */
function http2Frame(type: number, flags: number, payload: Uint8Array): Buffer {
  const header = Buffer.alloc(9);
  header.writeUIntBE(payload.length, 0, 3);
  header.set([type, flags, 0, 0, 0, type === 4 ? 0 : 1], 3);
  return Buffer.concat([header, payload]);
}

/** The beginning of a connection with one call; header fields are literals, never indexed (RFC 7541, 6.2.2). */
const preface = Buffer.concat([
  Buffer.from('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'),
  http2Frame(4, 0, Buffer.alloc(0)),
  http2Frame(
    1,
    4,
    Buffer.concat(
      [
        ':method',
        'POST',
        ':scheme',
        'http',
        ':path',
        tracesPath,
        ':authority',
        'a',
        'content-type',
        'application/grpc',
      ]
        .map((text) => Buffer.concat([Buffer.from([text.length]), Buffer.from(text)]))
        .map((text, i) => (i % 2 === 0 ? Buffer.concat([Buffer.from([0]), text]) : text)),
    ),
  ),
]);

test('senders that go away at any point leave nothing behind', async () => {
  const it = await receiver();
  const random = seeded(7);
  const whole = http1(gzipSync(traces), 'Content-Encoding: gzip\r\n');
  for (let i = 0; i < 200; i++) {
    const socket = await connected(it.http);
    await new Promise((resolve) => socket.write(whole.subarray(0, random() * whole.length), resolve));
    if (random() < 0.5) socket.resetAndDestroy();
    else socket.destroy();
  }
  for (let i = 0; i < 200; i++) {
    const socket = await connected(`http://${it.grpc}`);
    const bytes = Buffer.concat([preface, http2Frame(0, 0, message.subarray(0, random() * message.length))]);
    await new Promise((resolve) => socket.write(bytes.subarray(0, random() * 2 * bytes.length), resolve));
    if (random() < 0.5) socket.write(http2Frame(3, 0, Buffer.from([0, 0, 0, constants.NGHTTP2_CANCEL])));
    if (random() < 0.5) socket.resetAndDestroy();
    else socket.destroy();
  }
  await until('nothing is held for them', () => it.env.read('throughline_receiver_arriving_bytes') === 0);
  expect(it.traces.batches).toEqual([]);
  expect(it.env.logged).toEqual([]);
  const stays = await connected(`http://${it.grpc}`);
  stays.write(Buffer.concat([preface, http2Frame(0, 1, message)]));
  await until('one that stays is served', () => it.traces.items === 100);
  stays.destroy();
});

test('senders whose bytes are spoilt on the way do no harm', async () => {
  const it = await receiver();
  const random = seeded(11);
  const whole = {
    [it.http]: http1(gzipSync(traces), 'Content-Encoding: gzip\r\n'),
    [`http://${it.grpc}`]: Buffer.concat([preface, http2Frame(0, 1, message)]),
  };
  for (const [url, bytes] of Object.entries(whole))
    for (let i = 0; i < 300; i++) {
      const spoilt = Buffer.from(bytes);
      const from = random() < 0.5 ? 0 : Math.floor(random() * spoilt.length);
      for (let n = 0; n < 1 + random() * 8; n++)
        spoilt[from + Math.floor(random() * Math.min(300, spoilt.length - from))] = random() * 256;
      const socket = await connected(url);
      await new Promise((resolve) => socket.write(spoilt, resolve));
      await new Promise((resolve) => setImmediate(resolve));
      socket.destroy();
    }
  await until('nothing is held for them', () => it.env.read('throughline_receiver_arriving_bytes') === 0);
  // The runtime does not see that this connection ends: a frame that ends its call too early, and then no frame.
  const [, grpc] = Object.entries(whole) as [unknown, [string, Buffer]];
  const early = Buffer.concat([preface, http2Frame(0, 1, message.subarray(0, -89)), message.subarray(-89)]);
  (await connected(grpc[0])).end(early);
  await until(
    'it is refused',
    () =>
      it.env.logged.at(-1)?.fields['reason'] ===
      `gRPC framing: the message ends after ${traces.length - 89} of ${traces.length} bytes`,
  );
  expect(it.env.read('throughline_receiver_arriving_bytes')).toBe(0);
  const before = it.traces.items;
  for (const [url, bytes] of Object.entries(whole)) (await connected(url)).end(bytes);
  await until('others are served', () => it.traces.items === before + 200);
});

test('a sender that goes away while the pipeline takes its data is forgotten', async () => {
  const it = await receiver();
  const goOn: (() => void)[] = [];
  it.traces.before = () => new Promise<void>((resolve) => goOn.push(resolve));
  const socket = await connected(it.http);
  socket.write(http1(traces));
  const session = sessionTo(it);
  call(session).stream.end(message);
  await until('both are in the pipeline', () => goOn.length === 2);
  socket.destroy();
  session.destroy();
  for (const release of goOn) release();
  await until('nothing is held for them', () => it.env.read('throughline_receiver_arriving_bytes') === 0);
  expect(it.traces.items).toBe(200);
  expect(it.env.logged).toEqual([]);
});

test('more than the receiver can hold is told to come back', async () => {
  const it = await receiver();
  const goOn: (() => void)[] = [];
  it.traces.before = () => new Promise<void>((resolve) => goOn.push(resolve));
  const big = Buffer.concat(Array(Math.floor(18e6 / traces.length)).fill(traces));
  const post = () =>
    new Promise<string>((resolve, reject) => {
      const sent = request(`${it.http}/v1/traces`, {
        method: 'POST',
        headers: { 'Content-Type': protobuf },
        agent: false,
      });
      sent.on('response', (response) =>
        resolve(`${response.resume().statusCode} ${response.headers['retry-after'] ?? ''}`),
      );
      sent.on('error', reject);
      sent.end(big);
    });
  let refused = 0;
  const answers = Array.from({ length: 20 }, async () => {
    const answer = await post();
    if (answer === '429 1') refused++;
    return answer;
  });
  await until('each is refused or in the pipeline', () => refused + goOn.length === 20, 20_000);
  expect(refused).toBeGreaterThan(3);
  expect(goOn.length).toBeGreaterThan(0);
  for (const release of goOn) release();
  expect(new Set(await Promise.all(answers))).toEqual(new Set(['429 1', '200 ']));
  it.traces.before = () => {};
  expect(await post()).toBe('200 ');
});

test('bombs cost little memory, however many come at once', async () => {
  const file = new URL(`./otlp-clients/serve${extname(import.meta.url)}`, import.meta.url);
  const server = fork(file, { execArgv: process.execArgv });
  let end = 'it still runs';
  server.on('exit', (code, signal) => (end = `it ended with ${code ?? signal}`));
  try {
    const [urls] = (await once(server, 'message')) as [Record<string, string>];
    const peak = async () => {
      server.send('peak');
      return ((await once(server, 'message')) as [number])[0];
    };
    const before = await peak();
    const zeros = Buffer.alloc(300_000_000);
    for (const coding of ['gzip', 'zstd'] as const) {
      const bomb = await compress(coding, zeros);
      const sockets = await Promise.all(Array.from({ length: 40 }, () => connected(urls['OTLP/HTTP']!)));
      for (const socket of sockets) socket.write(http1(bomb, `Content-Encoding: ${coding}\r\n`));
      expect(new Set(await Promise.all(sockets.map(status))), end).toEqual(new Set([413]));
      for (const socket of sockets) socket.destroy();
      const session = sessionTo({ grpc: new URL(urls['OTLP/gRPC']!).host });
      const calls = Array.from({ length: 40 }, () => call(session, { 'grpc-encoding': coding }));
      for (const { stream } of calls) stream.end(framed(bomb, 1));
      expect(new Set(await Promise.all(calls.map(({ answer }) => answer)))).toEqual(new Set(['8']));
      session.destroy();
    }
    expect((await peak()) - before).toBeLessThan(250e6);
  } finally {
    server.kill();
  }
});
