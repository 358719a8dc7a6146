import { Agent, type ClientRequest, type RequestOptions, get as httpGet } from 'node:http';
import { get as httpsGet } from 'node:https';
import { afterEach, beforeAll, describe, expect, test } from 'vitest';
import { elapsedMs } from '../clock.ts';
import {
  type Running,
  closedPort,
  httpServer,
  httpsServer,
  lookupOf,
  tcpServer,
} from '../testing/servers.ts';
import { Collected, attributesOf, durationMs, tree } from '../testing/collected.ts';
import { start } from '../start.ts';

const collected = new Collected();
const servers: Running[] = [];

beforeAll(() => {
  process.env['OTEL_LOGS_EXPORTER'] = 'none';
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

const hello = (): Promise<Running> => serve(httpServer((_request, response) => void response.end('hello')));

/** Resolves with the body of the answer, or with the error. */
function answer(
  send: typeof httpGet,
  options: RequestOptions,
  act?: (request: ClientRequest) => void,
): Promise<string> {
  return new Promise((resolve) => {
    const request = send(options, (response) => {
      let body = '';
      response.on('data', (chunk: Buffer) => (body += chunk.toString()));
      response.on('end', () => resolve(body));
      response.on('error', (error) => resolve(error.message));
    });
    request.on('error', (error) => resolve(error.message));
    act?.(request);
  });
}

describe('a request of node:http', () => {
  test('shows its phases in order under its span', async () => {
    const { port } = await hello();
    expect(await answer(httpGet, { host: 'localhost', port, lookup: lookupOf('127.0.0.1') })).toBe('hello');
    const spans = await collected.take(8);
    expect(tree(spans)).toBe(
      `GET
  http.getconn
  http.dns
  http.connect
  http.headers
  http.send
  GET
  http.receive
`,
    );
    expect(attributesOf(spans, 'http.getconn')).toEqual([
      {
        'http.host': `localhost:${port}`,
        'http.remote': `127.0.0.1:${port}`,
        'http.local': expect.stringMatching(/^127\.0\.0\.1:\d+$/),
        'http.conn.reused': false,
        'http.conn.wasidle': false,
      },
    ]);
    expect(attributesOf(spans, 'http.dns')).toEqual([
      { 'http.host': 'localhost', 'http.dns.addrs': '127.0.0.1' },
    ]);
  });

  test('shows no name resolution for an address', async () => {
    const { port } = await hello();
    await answer(httpGet, { host: '127.0.0.1', port });
    expect((await collected.take(7)).map((span) => span.name)).not.toContain('http.dns');
  });

  test('shows on a kept connection that it is reused, and opens nothing', async () => {
    const { port } = await hello();
    const agent = new Agent({ keepAlive: true });
    await answer(httpGet, { host: 'localhost', port, agent });
    await collected.take(8);
    await answer(httpGet, { host: 'localhost', port, agent });
    const spans = await collected.take(6);
    agent.destroy();
    expect(tree(spans)).toBe(`GET
  http.getconn
  http.headers
  http.send
  GET
  http.receive
`);
    const [getconn] = spans.filter((span) => span.name === 'http.getconn');
    expect(getconn?.attributes).toMatchObject({
      'http.conn.reused': true,
      'http.conn.wasidle': true,
      'http.conn.idletime': expect.stringMatching(/^\d+\.\d{3}ms$/),
    });
    expect(getconn && durationMs(getconn)).toBeLessThan(20);
  });

  test('shows each address tried, and the failed one with its error', async () => {
    const { port } = await hello();
    await answer(httpGet, { host: 'localhost', port, lookup: lookupOf('::1', '127.0.0.1') });
    const spans = await collected.take(9);
    expect(tree(spans)).toContain(`GET
  http.getconn
  http.dns
  http.connect !ECONNREFUSED
  http.connect
  http.headers
`);
    expect(attributesOf(spans, 'http.connect').map((each) => each['http.remote'])).toEqual([
      `[::1]:${port}`,
      `127.0.0.1:${port}`,
    ]);
    expect(attributesOf(spans, 'http.dns')[0]?.['http.dns.addrs']).toBe('::1,127.0.0.1');
  });

  test('starts no phase before its parent and ends none after it', async () => {
    const { port } = await hello();
    await answer(httpGet, { host: 'localhost', port });
    const spans = await collected.take(8);
    const parent = spans.find((span) => !span.parentSpanContext);
    expect(parent).toBeDefined();
    for (const span of spans.filter((each) => each.name.startsWith('http.'))) {
      expect(parent && elapsedMs(parent.startTime, span.startTime)).toBeGreaterThanOrEqual(0);
      expect(parent && elapsedMs(span.endTime, parent.endTime)).toBeGreaterThanOrEqual(0);
    }
  });

  test('reads an answer that nobody listens for', async () => {
    const { port } = await hello();
    httpGet({ host: 'localhost', port });
    expect(tree(await collected.take(8))).toContain('http.receive\n');
  });

  test('shows where it failed: in the name', async () => {
    await answer(httpGet, { host: 'nothing.invalid', port: 1 });
    expect(tree(await collected.take(3))).toBe(`GET !Error
  http.getconn !ENOTFOUND
  http.dns !ENOTFOUND
`);
  });

  test('shows where it failed: in the connect', async () => {
    await answer(httpGet, {
      host: 'localhost',
      port: await closedPort(),
      lookup: lookupOf('::1', '127.0.0.1'),
    });
    expect(tree(await collected.take(5)).replace(/^.*\n/, '')).toBe(`  http.getconn !ECONNREFUSED
  http.dns
  http.connect !ECONNREFUSED
  http.connect !ECONNREFUSED
`);
  });

  test('shows where it failed: waiting for the answer', async () => {
    const { port } = await serve(tcpServer((socket) => socket.once('data', () => socket.resetAndDestroy())));
    await answer(httpGet, { host: '127.0.0.1', port });
    expect(tree(await collected.take(6))).toBe(`GET !Error
  http.getconn
  http.connect
  http.headers
  http.send
  http.receive !ECONNRESET
`);
  });

  test('shows where it failed: in the answer', async () => {
    const { port } = await serve(
      tcpServer((socket) => {
        socket.once('data', () => socket.end('HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\nhalf'));
      }),
    );
    expect(await answer(httpGet, { host: '127.0.0.1', port })).toBe('aborted');
    expect(tree(await collected.take(6))).toContain('  http.receive !ECONNRESET\n');
  });

  test('shows where it gave up: while the other side says nothing', async () => {
    let giveUp = (): void => {};
    const { port } = await serve(tcpServer((socket) => socket.once('data', () => giveUp())));
    await answer(httpGet, { host: '127.0.0.1', port }, (request) => {
      giveUp = () => void request.destroy(new Error('took too long'));
    });
    const spans = await collected.take(6);
    expect(tree(spans)).toContain('  http.receive !Error\n');
    expect(spans.find((span) => span.name === 'http.receive')?.status.message).toBe('took too long');
  });
});

describe('a request of node:https', () => {
  test('shows TLS after the connect', async () => {
    const { port, ca } = await serve(httpsServer((_request, response) => void response.end('safe')));
    expect(await answer(httpsGet as typeof httpGet, { host: 'localhost', port, ca } as RequestOptions)).toBe(
      'safe',
    );
    const spans = await collected.take(9);
    expect(tree(spans)).toBe(`GET
  http.getconn
  http.dns
  http.connect
  http.tls
  http.headers
  http.send
  GET
  http.receive
`);
    expect(attributesOf(spans, 'http.tls')).toEqual([
      { 'tls.protocol.version': '1.3', 'tls.cipher': expect.any(String), 'tls.resumed': false },
    ]);
  });

  test('shows where it failed: in a certificate that it does not trust', async () => {
    const { port } = await serve(httpsServer((_request, response) => void response.end('safe')));
    await answer(httpsGet as typeof httpGet, { host: 'localhost', port });
    expect(tree(await collected.take(5))).toBe(`GET !Error
  http.getconn !DEPTH_ZERO_SELF_SIGNED_CERT
  http.dns
  http.connect
  http.tls !DEPTH_ZERO_SELF_SIGNED_CERT
`);
  });

  test('shows where it gave up: in a handshake that never ends', async () => {
    let giveUp = (): void => {};
    const { port } = await serve(tcpServer((socket) => socket.once('data', () => giveUp())));
    await answer(httpsGet as typeof httpGet, { host: 'localhost', port }, (request) => {
      giveUp = () => void request.destroy(new Error('took too long'));
    });
    expect(tree(await collected.take(5))).toContain(`
  http.getconn !Error
  http.dns
  http.connect
  http.tls !Error
`);
  });
});

test('a span starts at a finer time than the millisecond', async () => {
  const { port } = await hello();
  for (let i = 0; i < 5; i++) await answer(httpGet, { host: '127.0.0.1', port });
  const starts = (await collected.take(31)).map((span) => span.startTime[1] % 1_000_000);
  expect(starts.filter((nanos) => nanos !== 0).length).toBeGreaterThan(28);
});
