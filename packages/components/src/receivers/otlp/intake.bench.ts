import { fork } from 'node:child_process';
import { createServer } from 'node:http';
import { connect as connectHttp2 } from 'node:http2';
import { type AddressInfo, connect } from 'node:net';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { Server, ServerCredentials } from '@grpc/grpc-js';
import { checkTraces, encodeTraces } from '@throughline/wire';
import { traceFromText } from '@throughline/wire/testing';
import { testEnv } from '../../testing.ts';
import { otlp } from './otlp.ts';

// npx tsx --conditions=source packages/components/src/receivers/otlp/intake.bench.ts
//
// Processor time of the receiver for each request, measured in a process of its own, while this process sends over 8
// connections. Bare servers read the body and answer, and do nothing else: what is above them is the receiver's own.

const connections = 8;
const seconds = 2;
/** The best of them counts: what else the machine does only ever adds. */
const rounds = 3;
const path = '/opentelemetry.proto.collector.trace.v1.TraceService/Export';
const self = fileURLToPath(import.meta.url);

if (process.argv[2] === 'serve') await serve(process.argv[3]!);
else await main();

async function main(): Promise<void> {
  const line = (i: number) =>
    `  shop: step${i} client ${i}..${i + 5} http.request.method=GET url.full=https://shop.example.com/items/${i * 7919} http.response.status_code=200 server.address=shop.example.com server.port=443 network.protocol.version=1.1 user.id=u${i * 104729} retry=false`;
  const body = encodeTraces(
    traceFromText(
      ['shop: GET /cart server 0..1000', ...Array.from({ length: 360 }, (_, i) => line(i))].join('\n'),
    ),
  );
  const { items } = checkTraces(body).batch;
  const checkMicros = microsOf(() => checkTraces(body));
  console.log(`${body.length} bytes, ${items} spans, check ${checkMicros.toFixed(0)} µs`);
  const zipped = gzipSync(body);
  const rows: [string, string, Post][] = [
    ['HTTP, bare', 'bare-http', http1(body, '')],
    ['HTTP', 'otlp-http', http1(body, '')],
    ['HTTP, gzip', 'otlp-http', http1(zipped, 'Content-Encoding: gzip\r\n')],
    ['gRPC', 'otlp-grpc', http2(frame(body, 0), {})],
    ['gRPC, gzip', 'otlp-grpc', http2(frame(zipped, 1), { 'grpc-encoding': 'gzip' })],
    ['gRPC, bare grpc-js', 'bare-grpc', http2(frame(body, 0), {})],
  ];
  const best = new Map<string, number>();
  for (let round = 0; round < rounds; round++)
    for (const [name, server, post] of rows)
      best.set(name, Math.min(best.get(name) ?? Infinity, await measure(server, post)));
  for (const [name, micros] of best) {
    const own = name.includes('bare') ? '' : `, ${(micros - checkMicros).toFixed(0)} without the check`;
    console.log(`${name.padEnd(20)} ${micros.toFixed(0)} µs a request${own}`);
  }
}

/** Sends one request after the other until told to stop; returns how many were answered. */
type Post = (port: number, stopped: () => boolean) => Promise<number>;

async function measure(kind: string, post: Post): Promise<number> {
  const child = fork(self, ['serve', kind], { execArgv: process.execArgv });
  const heard = () => new Promise<unknown>((resolve) => child.once('message', resolve));
  const port = (await heard()) as number;
  const run = async (ms: number) => {
    const end = performance.now() + ms;
    const counts = await Promise.all(
      Array.from({ length: connections }, () => post(port, () => performance.now() > end)),
    );
    return counts.reduce((sum, count) => sum + count, 0);
  };
  await run(1000);
  const cpu = async () => {
    const answer = heard();
    child.send('cpu');
    return (await answer) as number;
  };
  const before = await cpu();
  const requests = await run(seconds * 1000);
  const micros = ((await cpu()) - before) / requests;
  child.kill();
  return micros;
}

async function serve(kind: string): Promise<void> {
  process.send!(await portOf(kind));
  process.on('message', () => {
    const { user, system } = process.cpuUsage();
    process.send!(user + system);
  });
}

async function portOf(kind: string): Promise<number> {
  if (kind === 'bare-grpc') return bareGrpc();
  if (kind === 'bare-http') return bareHttp();
  const protocol = kind === 'otlp-http' ? 'http' : 'grpc';
  const env = { ...testEnv('otlp'), meter: { counter: () => () => {}, gauge: () => {} } };
  const config = otlp.config.parse({ protocols: { [protocol]: { endpoint: '127.0.0.1:0' } } });
  await otlp.create(config, { traces: { consume: async () => {} } }, env).start();
  return Number(new URL(Object.values(env.urls)[0]!).port);
}

function bareHttp(): Promise<number> {
  const server = createServer({ highWaterMark: 1024 * 1024 }, (request, response) => {
    const body = Buffer.allocUnsafe(Number(request.headers['content-length']));
    let length = 0;
    request.on('data', (chunk: Buffer) => (length += chunk.copy(body, length)));
    request.on('end', () => response.writeHead(200, { 'Content-Length': 0 }).end());
  });
  return new Promise((resolve) =>
    server.listen(0, '127.0.0.1', () => resolve((server.address() as AddressInfo).port)),
  );
}

function bareGrpc(): Promise<number> {
  const server = new Server();
  const same = (bytes: Buffer) => bytes;
  server.addService(
    {
      Export: {
        path,
        requestStream: false,
        responseStream: false,
        requestSerialize: same,
        requestDeserialize: same,
        responseSerialize: same,
        responseDeserialize: same,
      },
    },
    {
      Export: (_call: unknown, answer: (error: null, value: Buffer) => void) => answer(null, Buffer.alloc(0)),
    },
  );
  return new Promise((resolve) =>
    server.bindAsync('127.0.0.1:0', ServerCredentials.createInsecure(), (_error, port) => resolve(port)),
  );
}

function http1(body: Uint8Array, headers: string): Post {
  const head = `POST /v1/traces HTTP/1.1\r\nHost: a\r\nContent-Type: application/x-protobuf\r\n${headers}Content-Length: ${body.length}\r\n\r\n`;
  const request = Buffer.concat([Buffer.from(head), body]);
  return (port, stopped) =>
    new Promise((resolve, reject) => {
      let answered = 0;
      const socket = connect({ host: '127.0.0.1', port, noDelay: true }, () => socket.write(request));
      socket.on('error', reject);
      socket.on('data', (chunk) => {
        if (!chunk.toString('latin1').startsWith('HTTP/1.1 200')) reject(new Error(chunk.toString()));
        answered++;
        if (stopped()) socket.end(() => resolve(answered));
        else socket.write(request);
      });
    });
}

function frame(body: Uint8Array, compressed: number): Buffer {
  const header = Buffer.alloc(5);
  header[0] = compressed;
  header.writeUInt32BE(body.length, 1);
  return Buffer.concat([header, body]);
}

function http2(message: Buffer, headers: Record<string, string>): Post {
  return async (port, stopped) => {
    const session = connectHttp2(`http://127.0.0.1:${port}`);
    let answered = 0;
    for (; !stopped(); answered++) {
      const stream = session.request({
        ':method': 'POST',
        ':path': path,
        'content-type': 'application/grpc',
        te: 'trailers',
        ...headers,
      });
      let status: unknown;
      stream.on('trailers', (trailers) => (status = trailers['grpc-status']));
      stream.resume();
      stream.end(message);
      await new Promise((resolve) => stream.on('close', resolve));
      if (status !== '0') throw new Error(`status ${String(status)}`);
    }
    session.close();
    return answered;
  };
}

/** Processor time, not time on the clock: other processes do not count. */
function microsOf(work: () => unknown): number {
  for (let i = 0; i < 3000; i++) work();
  const before = process.cpuUsage();
  for (let i = 0; i < 3000; i++) work();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 3000;
}
