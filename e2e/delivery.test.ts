import { createServer, type IncomingMessage } from 'node:http';
import { createServer as createTcpServer, type AddressInfo } from 'node:net';
import { gunzipSync } from 'node:zlib';
import { decodeTraces, encodeTraces } from '@throughline/wire';
import { traceFromText } from '@throughline/wire/testing';
import { afterEach, expect, test } from 'vitest';
import { Throughline } from './support/throughline.ts';

const ends: (() => unknown)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0).toReversed()) await end();
});

/** A port on which nobody listens now. */
async function freePort(): Promise<number> {
  const server = createTcpServer().listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

/** A backend for OTLP/HTTP: names of the spans that it was sent, in order. */
async function backend(port: number): Promise<string[]> {
  const names: string[] = [];
  const server = createServer((request, response) => {
    void bodyOf(request).then((body) => {
      names.push(...decodeTraces(body).map(({ name }) => name));
      response.writeHead(200, { 'content-type': 'application/x-protobuf' }).end();
    });
  }).listen(port, '127.0.0.1');
  ends.push(() => server.close());
  ends.push(() => server.closeAllConnections());
  await new Promise((resolve) => server.once('listening', resolve));
  return names;
}

async function bodyOf(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  const body = Buffer.concat(chunks);
  return request.headers['content-encoding'] === 'gzip' ? gunzipSync(body) : body;
}

/** An agent that sends to the exporters `up` and `other`, with short waits after failures. */
function agent(up: number, other: number, maxSize = '1GiB'): string {
  const exporter = (port: number) =>
    `{endpoint: "http://127.0.0.1:${port}", retry_on_failure: {initial_interval: 50ms, max_interval: 200ms}}`;
  return `receivers: {otlp: {protocols: {http: {endpoint: "127.0.0.1:0"}}}}
exporters: {otlp_http/up: ${exporter(up)}, otlp_http/other: ${exporter(other)}}
service:
  journal: {max_size: ${maxSize}}
  telemetry: {metrics: {address: "127.0.0.1:0"}}
  pipelines: {traces: {receivers: [otlp], exporters: [otlp_http/up, otlp_http/other]}}
`;
}

async function start(config: string, dataDirectory?: string): Promise<Throughline> {
  const program = await Throughline.start({ config, ...(dataDirectory && { dataDirectory }) });
  ends.push(() => program.stop());
  return program;
}

/** Sends one span of that name, with an attribute of that many bytes. */
function send(program: Throughline, name: string, bytes = 1): Promise<Response> {
  const body = encodeTraces(traceFromText(`shop: ${name} 0..1 filling=${'x'.repeat(bytes)}`));
  return fetch(`${program.url('OTLP/HTTP')}/v1/traces`, {
    method: 'POST',
    headers: { 'content-type': 'application/x-protobuf' },
    body: new Uint8Array(body),
  });
}

/** A metric's value, summed over the lines that contain `label`. */
async function metric(program: Throughline, name: string, label = ''): Promise<number> {
  const text = await (await fetch(program.url('metrics'))).text();
  const lines = text.split('\n').filter((line) => line.startsWith(`${name}{`) && line.includes(label));
  return lines.reduce((sum, line) => sum + Number(line.split(' ').at(-1)), 0);
}

test('a backend that is down delays no other, and gets everything when it is back', async () => {
  const [downPort, upPort] = [await freePort(), await freePort()];
  const up = await backend(upPort);
  const program = await start(agent(upPort, downPort));
  for (const name of ['one', 'two', 'three']) expect((await send(program, name)).status).toBe(200);
  await expect.poll(() => up, { timeout: 5000 }).toEqual(['one', 'two', 'three']);
  await expect
    .poll(() => metric(program, 'throughline_exporter_failed_attempts'), { timeout: 5000 })
    .toBeGreaterThan(1);
  const down = await backend(downPort);
  await expect.poll(() => down, { timeout: 5000 }).toEqual(['one', 'two', 'three']);
  await expect.poll(() => metric(program, 'otelcol_exporter_sent_spans'), { timeout: 5000 }).toBe(6);
  expect(await metric(program, 'otelcol_receiver_accepted_spans')).toBe(3);
  expect(program.log().map(({ msg }) => msg)).toContain('delivery works again');
});

test('a restart goes on where each backend was', async () => {
  const [downPort, upPort] = [await freePort(), await freePort()];
  const up = await backend(upPort);
  const first = await start(agent(upPort, downPort));
  await send(first, 'before');
  await expect.poll(() => up, { timeout: 5000 }).toEqual(['before']);
  const lag = () => metric(first, 'throughline_journal_lag_bytes', 'exporter="otlp_http/up"');
  await expect.poll(lag, { timeout: 5000 }).toBe(0);
  await first.kill();
  const down = await backend(downPort);
  const second = await start(agent(upPort, downPort), first.dataDirectory);
  await send(second, 'after');
  await expect.poll(() => down, { timeout: 5000 }).toEqual(['before', 'after']);
  await expect.poll(() => up, { timeout: 5000 }).toEqual(['before', 'after']);
});

test('a full journal asks senders to come back, and takes data again when a backend has taken its own', async () => {
  const ports = [await freePort(), await freePort()] as const;
  const program = await start(agent(...ports, '2MiB'));
  let sent = 0;
  let answer = await send(program, 'filling', 100_000);
  for (; answer.ok && sent < 100; sent++) answer = await send(program, 'filling', 100_000);
  expect(answer.status).toBe(429);
  expect(Number(answer.headers.get('retry-after'))).toBeGreaterThan(0);
  expect(sent).toBeGreaterThan(5);
  const accepted = await metric(program, 'otelcol_receiver_accepted_spans');
  const backends = await Promise.all(ports.map((port) => backend(port)));
  for (const names of backends) await expect.poll(() => names.length, { timeout: 10_000 }).toBe(accepted);
  await expect.poll(async () => (await send(program, 'again')).status, { timeout: 5000 }).toBe(200);
});
