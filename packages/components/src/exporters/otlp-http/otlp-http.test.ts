import { createServer, type IncomingHttpHeaders, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { InvalidData, Overloaded } from '@throughline/model';
import type { JournalRange } from '@throughline/pipeline';
import {
  type Batch,
  checkTraces,
  encodeTraces,
  exportResponse,
  rpcStatus,
  tracesFromJson,
} from '@throughline/wire';
import { traceFromText } from '@throughline/wire/testing';
import { afterEach, expect, test } from 'vitest';
import { type ContentCoding, decompress } from '../../net/compression.ts';
import { otlp } from '../../receivers/otlp/otlp.ts';
import { startReceiver, testEnv } from '../../testing.ts';
import { otlpHttp } from './otlp-http.ts';

const cleanups: (() => unknown)[] = [];
afterEach(async () => {
  for (const clean of cleanups.splice(0).reverse()) await clean();
});

const batch = (spans: number): Batch =>
  checkTraces(
    encodeTraces(traceFromText(Array.from({ length: spans }, (_, i) => `shop: s${i} 0..1`).join('\n'))),
  ).batch;

function rangeOf(...batches: Batch[]): JournalRange {
  return {
    signal: batches[0]!.signal,
    abort: new AbortController().signal,
    batches: async function* () {
      yield* batches;
    },
  } as Partial<JournalRange> as JournalRange;
}

interface Request {
  readonly url: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
}

/** A backend that answers with `answer`, and an exporter that sends there. */
async function setup(
  config: object = {},
  answer: (response: ServerResponse, request: Request) => void = (r) => r.end(),
) {
  const requests: Request[] = [];
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      requests.push({ url: request.url!, headers: request.headers, body: Buffer.concat(chunks) });
      answer(response, requests.at(-1)!);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  cleanups.push(() => {
    server.closeAllConnections();
    server.close();
  });
  const endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const env = testEnv('otlp_http');
  const exporter = otlpHttp.create(otlpHttp.config.parse({ endpoint, ...config }), env);
  await exporter.start();
  cleanups.push(() => exporter.stop());
  return { exporter, requests, endpoint, env };
}

test('sends a range in one request to the path of its signal', async () => {
  const { exporter, requests } = await setup({ headers: { 'X-Tenant': 'a' }, compression: 'none' });
  await exporter.deliver(rangeOf(batch(1), batch(2)));
  await exporter.deliver(rangeOf({ signal: 'logs', bytes: new Uint8Array(), items: 0 }));
  expect(requests.map(({ url }) => url)).toEqual(['/v1/traces', '/v1/logs']);
  expect(requests[0]!.headers).toMatchObject({
    'content-type': 'application/x-protobuf',
    'user-agent': 'throughline/0.0.0-test',
    'x-tenant': 'a',
  });
  expect(checkTraces(requests[0]!.body).batch.items).toBe(3);
});

test('adds the path to an endpoint that has one, and leaves the URL of a signal as it is', async () => {
  const { endpoint, requests } = await setup();
  const exporter = otlpHttp.create(
    otlpHttp.config.parse({ endpoint: `${endpoint}/base/`, logsEndpoint: `${endpoint}/in` }),
    testEnv('otlp_http'),
  );
  await exporter.start();
  await exporter.deliver(rangeOf(batch(1)));
  await exporter.deliver(rangeOf({ ...batch(1), signal: 'logs' }));
  await exporter.stop();
  expect(requests.map(({ url }) => url)).toEqual(['/base/v1/traces', '/in']);
});

test('refuses a signal that it has no URL for', async () => {
  const { exporter } = await setup({ endpoint: undefined, tracesEndpoint: 'http://127.0.0.1:1/' });
  await expect(exporter.deliver(rangeOf({ ...batch(1), signal: 'logs' }))).rejects.toThrow(InvalidData);
  expect(() => otlpHttp.config.parse({})).toThrow('endpoint, traces_endpoint or logs_endpoint is required');
});

test('refuses at the start what no header can be', () => {
  for (const headers of [{ 'a b': 'c' }, { a: 'b\nc' }])
    expect(() => otlpHttp.config.parse({ endpoint: 'http://127.0.0.1:1', headers })).toThrow(
      'no header can have',
    );
});

test.each(['gzip', 'zstd'])('compresses with %s', async (compression) => {
  const { exporter, requests } = await setup({ compression });
  const sent = batch(100);
  await exporter.deliver(rangeOf(sent));
  const [{ headers, body }] = requests as [Request];
  expect(headers['content-encoding']).toBe(compression);
  expect(body.length).toBeLessThan(sent.bytes.length / 2);
  const plain = await decompress(headers['content-encoding'] as ContentCoding, body, 1e6);
  expect(Buffer.from(sent.bytes).equals(plain)).toBe(true);
});

test('sends JSON when told to', async () => {
  const { exporter, requests } = await setup({ encoding: 'json', compression: 'none' });
  const sent = batch(3);
  await exporter.deliver(rangeOf(sent));
  const [{ headers, body }] = requests as [Request];
  expect(headers['content-type']).toBe('application/json');
  expect(Buffer.from(sent.bytes).equals(tracesFromJson(body))).toBe(true);
});

test.each([
  [400, InvalidData],
  [401, InvalidData],
  [404, InvalidData],
  [500, InvalidData],
  [429, Error],
  [502, Error],
  [503, Error],
  [504, Error],
  [301, Error],
])('takes status %i for %o', async (status, kind) => {
  const { exporter } = await setup({}, (response) => response.writeHead(status).end('nope'));
  const error = await exporter.deliver(rangeOf(batch(1))).catch((thrown: unknown) => thrown);
  expect(error).toBeInstanceOf(kind);
  expect(error instanceof InvalidData).toBe(kind === InvalidData);
  expect((error as Error).message).toMatch(new RegExp(`/v1/traces answered ${status}: nope$`));
});

test('repeats what the backend says, and waits as long as it wants', async () => {
  const { exporter } = await setup({}, (response) =>
    response
      .writeHead(503, {
        'Content-Type': 'application/x-protobuf',
        'Retry-After': new Date(Date.now() + 60_000).toUTCString(),
      })
      .end(rpcStatus({ code: 14, message: 'moving house' })),
  );
  const error = (await exporter.deliver(rangeOf(batch(1))).catch((thrown: unknown) => thrown)) as Overloaded;
  expect(error).toBeInstanceOf(Overloaded);
  expect(error.message).toMatch(/answered 503: moving house$/);
  expect(error.retryAfterMs).toBeGreaterThan(55_000);
  expect(error.retryAfterMs).toBeLessThanOrEqual(60_000);
});

test.each([
  ['application/x-protobuf', exportResponse(2, 'ids of zeros')],
  ['application/json', '{"partialSuccess":{"rejectedSpans":"2","errorMessage":"ids of zeros"}}'],
])('counts and logs what the backend did not take (%s)', async (type, body) => {
  const { exporter, env } = await setup({}, (response) =>
    response.writeHead(200, { 'Content-Type': type }).end(body),
  );
  await exporter.deliver(rangeOf(batch(3)));
  expect(env.count('throughline_exporter_rejected_items', { exporter: 'otlp_http', signal: 'traces' })).toBe(
    2,
  );
  expect(env.logged).toMatchObject([{ level: 'warn', fields: { rejected: 2, message: 'ids of zeros' } }]);
});

test('takes an answer that makes no sense for success', async () => {
  const { exporter, env } = await setup({}, (response) =>
    response.writeHead(200, { 'Content-Type': 'application/json' }).end('{'),
  );
  await exporter.deliver(rangeOf(batch(3)));
  expect(env.logged).toEqual([]);
});

test('sends in smaller requests what is too large for the backend', async () => {
  const { exporter, requests } = await setup({ compression: 'none' }, (response, { body }) =>
    response.writeHead(body.length > 800 ? 413 : 200).end(),
  );
  await exporter.deliver(rangeOf(batch(1), batch(2), batch(3), batch(4)));
  const taken = requests.filter(({ body }) => body.length <= 800);
  expect(taken.reduce((sum, { body }) => sum + checkTraces(body).batch.items, 0)).toBe(10);
  await expect(exporter.deliver(rangeOf(batch(100)))).rejects.toThrow(InvalidData);
});

test('gives up after the timeout', async () => {
  const { exporter, endpoint } = await setup({ timeout: '50ms' }, () => {});
  await expect(exporter.deliver(rangeOf(batch(1)))).rejects.toMatchObject({
    message: `sending to ${endpoint}/v1/traces`,
    cause: { message: 'no answer within 50 ms' },
  });
});

test.each(['127.0.0.1', 'localhost'])('says where nobody listens (%s)', async (host) => {
  const { exporter } = await setup({ endpoint: `http://${host}:1` });
  await expect(exporter.deliver(rangeOf(batch(1)))).rejects.toMatchObject({
    message: `sending to http://${host}:1/v1/traces`,
    cause: { message: expect.stringContaining('ECONNREFUSED') as string },
  });
});

test('does not tell the password of its endpoint', async () => {
  const { exporter } = await setup({ endpoint: 'http://user:hush@127.0.0.1:1' });
  await expect(exporter.deliver(rangeOf(batch(1)))).rejects.toMatchObject({
    message: 'sending to http://user:[REDACTED]@127.0.0.1:1/v1/traces',
  });
});

test('keeps its connection, or not', async () => {
  for (const disableKeepAlives of [false, true]) {
    const { exporter, requests } = await setup({ disableKeepAlives });
    await exporter.deliver(rangeOf(batch(1)));
    expect(requests[0]!.headers.connection).toBe(disableKeepAlives ? 'close' : 'keep-alive');
  }
});

test('sends what a receiver takes', async () => {
  const receiver = await startReceiver(otlp, { protocols: { http: { endpoint: '127.0.0.1:0' } } });
  cleanups.push(() => receiver.stop());
  for (const config of [{}, { encoding: 'json' }, { compression: 'zstd' }, { compression: 'none' }]) {
    const { exporter } = await setup({ endpoint: receiver.urls['OTLP/HTTP'], ...config });
    await exporter.deliver(rangeOf(batch(2), batch(3)));
  }
  expect(receiver.traces.batches.map(({ items }) => items)).toEqual([5, 5, 5, 5]);
});
