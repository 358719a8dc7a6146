import * as grpc from '@grpc/grpc-js';
import { type IncomingHttpHeaders, createServer as createHttpServer } from 'node:http';
import { createServer as createHttp2Server } from 'node:http2';
import { createServer as createHttpsServer } from 'node:https';
import type { AddressInfo, Server, Socket } from 'node:net';
import { gunzipSync } from 'node:zlib';
import { generate } from 'selfsigned';
import { afterEach, describe, expect, test } from 'vitest';
import { referenceDecode, referenceEncode } from '../../../wire/src/otlp.test-kit.ts';
import type { OtlpTarget } from './otlp-target.ts';
import { openSender } from './open-sender.ts';
import type { Sender } from './sender.ts';

const closing: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0)) await close();
});

const taken = { kind: 'taken', rejected: 0, message: '' };
const request = Buffer.from(
  referenceEncode('TracesData', {
    resourceSpans: [{ scopeSpans: [{ spans: [{ name: 'GET '.repeat(1000) }] }] }],
  }),
);

function open(protocol: OtlpTarget['protocol'], url: string, more: Partial<OtlpTarget> = {}): Sender {
  const sender = openSender({
    protocol,
    url: new URL(url),
    headers: {},
    timeoutMs: 5000,
    gzip: false,
    tls: {},
    ...more,
  });
  closing.push(() => sender.close());
  return sender;
}

async function listening(server: Server): Promise<number> {
  const sockets = new Set<Socket>();
  server.on('connection', (socket: Socket) => sockets.add(socket));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  closing.push(() => {
    server.close();
    for (const socket of sockets) socket.destroy();
  });
  return (server.address() as AddressInfo).port;
}

/** With a certificate for `localhost` that signs itself. */
async function certificate() {
  const { cert, private: key } = await generate([{ name: 'commonName', value: 'localhost' }], {
    extensions: [{ name: 'subjectAltName', altNames: [{ type: 2, value: 'localhost' }] }],
  });
  return { cert: Buffer.from(cert), key: Buffer.from(key) };
}

describe('over HTTP', () => {
  interface Seen {
    url: string | undefined;
    method: string | undefined;
    headers: IncomingHttpHeaders;
    body: Buffer;
  }

  async function receiver(
    answer?: (seen: Seen[], socket: Socket) => { status: number; body?: Uint8Array } | undefined,
  ) {
    const seen: Seen[] = [];
    const sockets = new Set<Socket>();
    const server = createHttpServer((incoming, response) => {
      const chunks: Buffer[] = [];
      incoming.on('data', (chunk: Buffer) => chunks.push(chunk));
      incoming.on('end', () => {
        sockets.add(incoming.socket);
        const { url, method, headers } = incoming;
        seen.push({ url, method, headers, body: Buffer.concat(chunks) });
        const { status, body } = answer ? (answer(seen, incoming.socket) ?? { status: 0 }) : { status: 200 };
        if (status === 0) return;
        response.writeHead(status, { 'content-type': 'application/x-protobuf' }).end(body);
      });
    });
    return { seen, sockets, port: await listening(server) };
  }

  test('requests are protobuf, with the headers asked for, on one connection', async () => {
    const { seen, sockets, port } = await receiver();
    const sender = open('http/protobuf', `http://127.0.0.1:${port}/base/v1/traces?key=1`, {
      headers: { 'api-key': 'secret', 'User-Agent': 'mine' },
    });
    expect(await sender.send(request)).toEqual(taken);
    expect(await sender.send(request)).toEqual(taken);
    expect(seen[0]).toMatchObject({
      url: '/base/v1/traces?key=1',
      method: 'POST',
      headers: {
        'content-type': 'application/x-protobuf',
        'content-length': String(request.length),
        'api-key': 'secret',
        'user-agent': 'mine',
      },
    });
    expect(seen[1]?.body).toEqual(request);
    expect(sockets.size).toBe(1);
  });

  test('requests are compressed where that is asked for', async () => {
    const { seen, port } = await receiver();
    expect(await open('http/protobuf', `http://127.0.0.1:${port}/`, { gzip: true }).send(request)).toEqual(
      taken,
    );
    expect(seen[0]?.headers['content-encoding']).toBe('gzip');
    expect(gunzipSync(seen[0]!.body)).toEqual(request);
    expect(seen[0]!.body.length).toBeLessThan(request.length / 10);
  });

  test('requests are JSON where that is asked for, and so is the answer', async () => {
    const seen: Seen[] = [];
    const answers: [number, string][] = [
      [200, '{"partialSuccess":{"rejectedSpans":"3","errorMessage":"too old"}}'],
      [200, ''],
      [400, '{"code":3,"message":"no name"}'],
    ];
    const server = createHttpServer((incoming, response) => {
      const chunks: Buffer[] = [];
      incoming.on('data', (chunk: Buffer) => chunks.push(chunk));
      incoming.on('end', () => {
        const { url, method, headers } = incoming;
        const [status, body] = answers[seen.length]!;
        seen.push({ url, method, headers, body: Buffer.concat(chunks) });
        response.writeHead(status, { 'content-type': 'application/json; charset=utf-8' }).end(body);
      });
    });
    const sender = open('http/json', `http://127.0.0.1:${await listening(server)}/`);
    expect(await sender.send(request)).toEqual({ kind: 'taken', rejected: 3, message: 'too old' });
    expect(await sender.send(request)).toEqual(taken);
    expect(await sender.send(request)).toEqual({
      kind: 'refused',
      why: new Error('400 Bad Request: no name'),
    });
    expect(seen[0]?.headers['content-type']).toBe('application/json');
    expect(JSON.parse(String(seen[0]?.body))).toEqual({
      resourceSpans: [{ scopeSpans: [{ spans: [{ name: 'GET '.repeat(1000) }] }] }],
    });
  });

  test('a connection that was closed meanwhile is replaced without anybody noticing', async () => {
    const { seen, port } = await receiver((all, socket) => {
      if (all.length !== 2) return { status: 200 };
      socket.resetAndDestroy();
      return undefined;
    });
    const sender = open('http/protobuf', `http://127.0.0.1:${port}/`);
    expect(await sender.send(request)).toEqual(taken);
    expect(await sender.send(request)).toEqual(taken);
    expect(seen).toHaveLength(3);
  });

  test('no answer in time is a failure that may have been a success', async () => {
    const { port } = await receiver(() => undefined);
    expect(await open('http/protobuf', `http://127.0.0.1:${port}/`, { timeoutMs: 50 }).send(request)).toEqual(
      {
        kind: 'later',
        why: new Error('no answer within 50 ms'),
        unanswered: true,
      },
    );
  });

  test('an answer that breaks off is asked for again', async () => {
    const server = createHttpServer((incoming, response) => {
      incoming.resume();
      response.writeHead(200, { 'content-length': 100 }).write('half', () => response.destroy());
    });
    const port = await listening(server);
    expect(await open('http/protobuf', `http://127.0.0.1:${port}/`).send(request)).toMatchObject({
      kind: 'later',
    });
  });

  test('nobody there is a failure with its code', async () => {
    expect(await open('http/protobuf', 'http://127.0.0.1:1/').send(request)).toMatchObject({
      kind: 'later',
      why: { code: 'ECONNREFUSED' },
    });
  });

  test('a server may be known by its own certificate, and ask for one', async () => {
    const { cert, key } = await certificate();
    const server = createHttpsServer({ cert, key, ca: cert, requestCert: true }, (incoming, response) => {
      incoming.resume().on('end', () => response.end());
    });
    const url = `https://localhost:${await listening(server)}/`;
    expect(await open('http/protobuf', url, { tls: { ca: cert, cert, key } }).send(request)).toEqual(taken);
    expect(await open('http/protobuf', url, { tls: { ca: cert } }).send(request)).toMatchObject({
      kind: 'later',
    });
    expect(await open('http/protobuf', url).send(request)).toMatchObject({
      kind: 'later',
      why: { code: 'DEPTH_ZERO_SELF_SIGNED_CERT' },
    });
  });
});

describe('over gRPC', () => {
  interface Call {
    metadata: Record<string, unknown>;
    body: unknown;
  }
  type Answer = (call: number) => { code?: number; details?: string; retrySeconds?: number; body?: object };

  /** The official server. */
  async function receiver(
    credentials = grpc.ServerCredentials.createInsecure(),
    answer: Answer = () => ({}),
  ) {
    const calls: Call[] = [];
    const server = new grpc.Server();
    const definition = {
      Export: {
        path: '/opentelemetry.proto.collector.trace.v1.TraceService/Export',
        requestStream: false,
        responseStream: false,
        requestSerialize: (value: Buffer) => value,
        requestDeserialize: (value: Buffer) => value,
        responseSerialize: (value: object) => Buffer.from(referenceEncode('ExportResponse', { ...value })),
        responseDeserialize: (value: Buffer) => value,
      },
    };
    server.addService(definition, {
      Export: (call: grpc.ServerUnaryCall<Buffer, object>, done: grpc.sendUnaryData<object>) => {
        calls.push({ metadata: call.metadata.getMap(), body: referenceDecode('TracesData', call.request) });
        const { code, details = '', retrySeconds, body = {} } = answer(calls.length);
        if (!code) return done(null, body);
        const metadata = new grpc.Metadata();
        if (retrySeconds) metadata.set('grpc-status-details-bin', retryInfo(code, retrySeconds));
        done({ code, details, metadata });
      },
    });
    const port = await new Promise<number>((resolve, reject) =>
      server.bindAsync('127.0.0.1:0', credentials, (error, bound) =>
        error ? reject(error) : resolve(bound),
      ),
    );
    closing.push(() => server.forceShutdown());
    return { calls, port };
  }

  const retryInfo = (code: number, seconds: number): Buffer =>
    Buffer.from(
      referenceEncode('RpcStatus', {
        code,
        details: [
          {
            typeUrl: 'type.googleapis.com/google.rpc.RetryInfo',
            value: Buffer.from(referenceEncode('RetryInfo', { retryDelay: { seconds } })).toString('base64'),
          },
        ],
      }),
    );

  for (const gzip of [false, true])
    test(`the official server gets the request${gzip ? ', compressed' : ''}`, async () => {
      const { calls, port } = await receiver();
      const sender = open('grpc', `http://127.0.0.1:${port}`, { gzip, headers: { 'Api-Key': 'secret' } });
      expect(await Promise.all([sender.send(request), sender.send(request)])).toEqual([taken, taken]);
      expect(calls).toHaveLength(2);
      expect(calls[0]).toMatchObject({
        metadata: { 'api-key': 'secret' },
        body: referenceDecode('TracesData', request),
      });
    });

  test('its answers are understood', async () => {
    const answers: ReturnType<Answer>[] = [
      { body: { partialSuccess: { rejected: 2, errorMessage: 'too old' } } },
      { code: 3, details: 'no such tenant: Zürich' },
      { code: 14, details: 'stopping' },
      { code: 8, details: 'full', retrySeconds: 3 },
      {},
    ];
    const { port } = await receiver(undefined, (call) => answers[call - 1]!);
    const sender = open('grpc', `http://127.0.0.1:${port}`);
    const got: unknown[] = [];
    for (const _ of answers) got.push(await sender.send(request));
    expect(got).toEqual([
      { kind: 'taken', rejected: 2, message: 'too old' },
      { kind: 'refused', why: new Error('gRPC status 3: no such tenant: Zürich') },
      { kind: 'later', why: new Error('UNAVAILABLE: stopping') },
      { kind: 'later', why: new Error('RESOURCE_EXHAUSTED: full'), afterMs: 3000 },
      taken,
    ]);
  });

  test('a server that is away is found again', async () => {
    const { port } = await receiver();
    const sender = open('grpc', `http://127.0.0.1:${port}`);
    expect(await sender.send(request)).toEqual(taken);
    for (const close of closing.splice(0, 1)) await close();
    expect(await sender.send(request)).toMatchObject({ kind: 'later' });
    expect(await sender.send(request)).toMatchObject({ kind: 'later', why: { code: 'ECONNREFUSED' } });
    const server = createHttp2Server().on('stream', (stream) => {
      stream.respond({ ':status': 200, 'content-type': 'application/grpc' }, { waitForTrailers: true });
      stream.on('wantTrailers', () => stream.sendTrailers({ 'grpc-status': '0' }));
      stream.resume().on('end', () => stream.end(Buffer.alloc(5)));
    });
    await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
    closing.push(() => server.close());
    expect(await sender.send(request)).toEqual(taken);
  });

  test('no answer in time is a failure that may have been a success', async () => {
    const port = await listening(createHttp2Server().on('stream', () => {}));
    expect(await open('grpc', `http://127.0.0.1:${port}`, { timeoutMs: 50 }).send(request)).toEqual({
      kind: 'later',
      why: new Error('no answer within 50 ms'),
      unanswered: true,
    });
  });

  test('what is no gRPC is an answer, too', async () => {
    const status = { now: 503 };
    const server = createHttp2Server().on('stream', (stream) => {
      stream.respond({ ':status': status.now });
      stream.end('<html>');
    });
    const sender = open('grpc', `http://127.0.0.1:${await listening(server)}`);
    expect(await sender.send(request)).toEqual({
      kind: 'later',
      why: new Error('UNAVAILABLE: HTTP status 503'),
    });
    status.now = 404;
    expect(await sender.send(request)).toEqual({
      kind: 'refused',
      why: new Error('gRPC status 12: HTTP status 404'),
    });
  });

  test('a server may be known by its own certificate, and ask for one', async () => {
    const { cert, key } = await certificate();
    const { port } = await receiver(
      grpc.ServerCredentials.createSsl(cert, [{ private_key: key, cert_chain: cert }], true),
    );
    const url = `https://localhost:${port}`;
    expect(await open('grpc', url, { tls: { ca: cert, cert, key } }).send(request)).toEqual(taken);
    expect(await open('grpc', url, { tls: { ca: cert } }).send(request)).toMatchObject({ kind: 'later' });
    expect(await open('grpc', url).send(request)).toMatchObject({
      kind: 'later',
      why: { code: 'DEPTH_ZERO_SELF_SIGNED_CERT' },
    });
  });
});
