import { afterEach, beforeAll, expect, test } from 'vitest';
import { elapsedMs } from '../clock.ts';
import { start } from '../start.ts';
import { Collected, attributesOf, tree } from '../testing/collected.ts';
import { type Running, closedPort, httpServer, httpsServer, tcpServer } from '../testing/servers.ts';

const collected = new Collected();
const servers: Running[] = [];

beforeAll(() => {
  process.env['OTEL_LOGS_EXPORTER'] = 'none';
  process.env['OTEL_NODE_ENABLED_INSTRUMENTATIONS'] = 'undici';
  start({ serviceName: 'test', spanProcessors: [collected.processor], flushOnExit: false });
});

afterEach(() => {
  for (const server of servers.splice(0)) server.close();
});

async function serve<Server extends Running>(server: Promise<Server>): Promise<Server> {
  const running = await server;
  servers.push(running);
  return running;
}

const read = async (url: string): Promise<string> => (await fetch(url)).text();
/** The code of what fetch failed with. */
const failure = (url: string, init?: RequestInit): Promise<unknown> =>
  fetch(url, init)
    .then((response) => response.text())
    .catch((error: { cause?: { code?: string }; name: string }) => error.cause?.code ?? error.name);

test('fetch shows its phases in order under its span', async () => {
  const { port } = await serve(httpServer((_request, response) => void response.end('hello')));
  expect(await read(`http://localhost:${port}/`)).toBe('hello');
  const spans = await collected.take(7);
  expect(tree(spans)).toBe(`GET
  http.getconn
  http.dns
  http.connect
  http.headers
  http.send
  http.receive
`);
  expect(attributesOf(spans, 'http.getconn')[0]).toMatchObject({
    'http.host': `localhost:${port}`,
    'http.remote': `127.0.0.1:${port}`,
    'http.conn.reused': false,
  });
  const parent = spans[0];
  for (const span of spans) {
    expect(parent && elapsedMs(parent.startTime, span.startTime)).toBeGreaterThanOrEqual(0);
    expect(parent && elapsedMs(span.endTime, parent.endTime)).toBeGreaterThanOrEqual(0);
  }
});

test('fetch over a kept connection shows that it is reused, and opens nothing', async () => {
  const { port } = await serve(httpServer((_request, response) => void response.end('hello')));
  await read(`http://localhost:${port}/`);
  await collected.take(7);
  // The client has the connection back a moment after the body was read.
  await new Promise((resolve) => setImmediate(resolve));
  await read(`http://localhost:${port}/`);
  const spans = await collected.take(5);
  expect(tree(spans)).toBe(`GET
  http.getconn
  http.headers
  http.send
  http.receive
`);
  expect(attributesOf(spans, 'http.getconn')[0]).toMatchObject({
    'http.conn.reused': true,
    'http.conn.wasidle': true,
  });
});

test('fetch shows the sending of a long body, and nothing for the wait that follows', async () => {
  const { port } = await serve(
    httpServer((request, response) => {
      request.resume().on('end', () => setTimeout(() => response.end('thanks'), 80));
    }),
  );
  const body = new ReadableStream<Uint8Array>({
    async start(controller) {
      for (let i = 0; i < 6; i++) {
        controller.enqueue(new Uint8Array(1000));
        await new Promise((resolve) => setTimeout(resolve, 20));
      }
      controller.close();
    },
  });
  const init = { method: 'POST', body, duplex: 'half' } as RequestInit;
  await (await fetch(`http://localhost:${port}/`, init)).text();
  const spans = await collected.take(7);
  const [send] = spans.filter((span) => span.name === 'http.send');
  const [receive] = spans.filter((span) => span.name === 'http.receive');
  expect(send && elapsedMs(send.startTime, send.endTime)).toBeGreaterThan(35);
  expect(send && receive && elapsedMs(send.endTime, receive.startTime)).toBeGreaterThan(60);
});

test('fetch shows TLS after the connect', async () => {
  const { port } = await serve(httpsServer((_request, response) => void response.end('safe')));
  process.env['NODE_TLS_REJECT_UNAUTHORIZED'] = '0';
  await read(`https://localhost:${port}/`);
  delete process.env['NODE_TLS_REJECT_UNAUTHORIZED'];
  expect(tree(await collected.take(8))).toBe(`GET
  http.getconn
  http.dns
  http.connect
  http.tls
  http.headers
  http.send
  http.receive
`);
});

test('fetch shows where it failed: in the connect', async () => {
  expect(await failure(`http://localhost:${await closedPort()}/`)).toBe('ECONNREFUSED');
  expect(tree(await collected.take(4))).toBe(`GET !ECONNREFUSED
  http.getconn !ECONNREFUSED
  http.dns
  http.connect !ECONNREFUSED
`);
});

test('fetch shows where it failed: in the name', async () => {
  expect(await failure('http://nothing.invalid/')).toBe('ENOTFOUND');
  expect(tree(await collected.take(3))).toBe(`GET !ENOTFOUND
  http.getconn !ENOTFOUND
  http.dns !ENOTFOUND
`);
});

test('fetch shows where it failed: in TLS', async () => {
  const { port } = await serve(httpsServer((_request, response) => void response.end('safe')));
  await failure(`https://localhost:${port}/`);
  expect(tree(await collected.take(5))).toBe(`GET !DEPTH_ZERO_SELF_SIGNED_CERT
  http.getconn !DEPTH_ZERO_SELF_SIGNED_CERT
  http.dns
  http.connect
  http.tls !DEPTH_ZERO_SELF_SIGNED_CERT
`);
});

test('fetch shows where it gave up: while the other side says nothing', async () => {
  const controller = new AbortController();
  const giveUp = (): void => controller.abort(new DOMException('took too long', 'TimeoutError'));
  const { port } = await serve(tcpServer((socket) => socket.once('data', giveUp)));
  expect(await failure(`http://localhost:${port}/`, { signal: controller.signal })).toBe('TimeoutError');
  expect(tree(await collected.take(7))).toContain('  http.receive !');
});
