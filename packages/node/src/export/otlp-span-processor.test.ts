import { TraceFlags, context, trace } from '@opentelemetry/api';
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks';
import { SamplingDecision, TracerProvider } from '@opentelemetry/sdk-trace';
import { AsyncLocalStorage } from 'node:async_hooks';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { type Server, createServer } from 'node:http';
import { type AddressInfo, Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, test, vi } from 'vitest';
import { eventually } from '../../../../e2e/support/eventually.ts';
import { referenceDecode } from '../../../wire/src/otlp.test-kit.ts';
import { type OtlpSpanProcessorOptions, OtlpSpanProcessor } from './otlp-span-processor.ts';
import { ExportWatch } from './watch.ts';

const closing: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).toReversed()) await close();
  vi.restoreAllMocks();
});

/** Keeps the names of the spans of each request, while it is `up`. */
class Receiver {
  up = true;
  readonly requests: string[][] = [];
  port = 0;
  readonly server: Server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      if (!this.up) return response.writeHead(503).end();
      this.requests.push(namesIn(Buffer.concat(chunks)));
      response.end();
    });
  });

  get names(): string[] {
    return this.requests.flat();
  }

  static async start(): Promise<Receiver> {
    const receiver = new Receiver();
    await new Promise<void>((resolve) => receiver.server.listen(0, '127.0.0.1', resolve));
    receiver.port = (receiver.server.address() as AddressInfo).port;
    closing.push(() => receiver.server.close());
    return receiver;
  }
}

function namesIn(body: Buffer): string[] {
  interface Traces {
    resourceSpans: { scopeSpans: { spans: { name: string }[] }[] }[];
  }
  const { resourceSpans } = referenceDecode('TracesData', body) as unknown as Traces;
  return resourceSpans.flatMap(({ scopeSpans }) =>
    scopeSpans.flatMap(({ spans }) => spans.map(({ name }) => name)),
  );
}

function tracing(receiver: { port: number }, options: Partial<OtlpSpanProcessorOptions> = {}) {
  const processor = new OtlpSpanProcessor({
    target: {
      protocol: 'http/protobuf',
      url: new URL(`http://127.0.0.1:${receiver.port}/v1/traces`),
      headers: {},
      timeoutMs: 5000,
      gzip: false,
      tls: {},
    },
    watch: new ExportWatch(() => {}),
    ...options,
  });
  const provider = new TracerProvider({ spanProcessors: [processor] });
  closing.push(() => processor.close());
  const tracer = provider.getTracer('test');
  const make = (count: number, attributes = {}) => {
    for (let each = 0; each < count; each++) tracer.startSpan(`span ${each}`, { attributes }).end();
  };
  return { processor, provider, tracer, make };
}

test('a burst of 100,000 spans arrives whole, with the settings that it has by default', async () => {
  const receiver = await Receiver.start();
  const { processor, provider, make } = tracing(receiver);
  make(100_000, { path: '/some/path/that/is/rather/long', number: 5, text: 'x'.repeat(200) });
  expect(processor.stats()).toMatchObject({ started: 100_000, dropped: 0 });
  await provider.forceFlush();
  expect(processor.stats()).toMatchObject({ ended: 100_000, exported: 100_000, dropped: 0, pending: 0 });
  expect(receiver.names).toHaveLength(100_000);
});

test('what waits is bounded in bytes; what has no room is dropped and counted', async () => {
  const receiver = await Receiver.start();
  receiver.up = false;
  const { processor, provider, make } = tracing(receiver, { maxBytes: 3_000_000 });
  make(10_000, { text: 'x'.repeat(1000) });
  const { dropped, droppedBy, pending } = processor.stats();
  expect(pending).toBeGreaterThan(2500);
  expect(pending).toBeLessThan(3000);
  expect([dropped, droppedBy.queue_full]).toEqual([10_000 - pending, 10_000 - pending]);
  receiver.up = true;
  await provider.forceFlush();
  expect(processor.stats()).toMatchObject({ exported: pending, pending: 0 });
});

test('what waits is bounded in spans where that is asked for', async () => {
  const receiver = await Receiver.start();
  const { processor, provider, make } = tracing(receiver, { batch: { maxQueueSize: 100 } });
  make(150);
  expect(processor.stats()).toMatchObject({ started: 150, droppedBy: { queue_full: 50 }, pending: 100 });
  await provider.forceFlush();
  expect(processor.stats()).toMatchObject({ exported: 100, pending: 0 });
});

test('a limit of 0 is none', async () => {
  const receiver = await Receiver.start();
  const batch = { maxQueueSize: 0, maxExportBatchSize: 0, exportTimeoutMillis: 0 };
  const { processor, provider, make } = tracing(receiver, { batch });
  make(5000);
  await provider.forceFlush();
  expect(processor.stats()).toMatchObject({ exported: 5000, dropped: 0 });
});

test('a request has as many spans as it may, and waits no longer than it may', async () => {
  const receiver = await Receiver.start();
  const batch = { maxExportBatchSize: 40, scheduledDelayMillis: 30 };
  const { make } = tracing(receiver, { batch });
  make(100);
  await eventually(async () => receiver.names.length === 100);
  expect(receiver.requests.map((each) => each.length)).toEqual([40, 40, 20]);
});

test('spans that are recorded and not sampled are neither exported nor counted', async () => {
  const receiver = await Receiver.start();
  const { processor } = tracing(receiver);
  const sampler = { shouldSample: () => ({ decision: SamplingDecision.RECORD }) };
  new TracerProvider({ sampler, spanProcessors: [processor] }).getTracer('test').startSpan('unseen').end();
  await processor.forceFlush();
  expect(processor.stats()).toMatchObject({ started: 0, ended: 0, pending: 0 });
  expect(receiver.requests).toEqual([]);
});

test('spans that end after the shutdown are dropped and counted', async () => {
  const receiver = await Receiver.start();
  const { processor, provider, tracer, make } = tracing(receiver);
  const late = tracer.startSpan('late');
  make(1);
  await provider.shutdown();
  late.end();
  expect(processor.stats()).toMatchObject({
    started: 2,
    exported: 1,
    droppedBy: { shutdown: 1 },
    pending: 0,
  });
});

test('what is no span is dropped, counted and said once', async () => {
  const write = vi.spyOn(process.stderr, 'write').mockReturnValue(true);
  const receiver = await Receiver.start();
  const { processor, provider, tracer, make } = tracing(receiver);
  for (let each = 0; each < 2; each++) {
    const span = tracer.startSpan('broken');
    span.addLink({ context: { traceId: undefined, spanId: 5, traceFlags: TraceFlags.SAMPLED } as never });
    span.end();
  }
  make(1);
  await provider.forceFlush();
  expect(processor.stats()).toMatchObject({ droppedBy: { failed: 2 }, exported: 1, pending: 0 });
  expect(write.mock.calls.map(String)).toEqual([
    expect.stringMatching(/^throughline: a span called broken cannot be encoded: TypeError/),
  ]);
});

test('its requests see nothing of the application: no span, no context of others', async () => {
  const receiver = await Receiver.start();
  const manager = new AsyncLocalStorageContextManager().enable();
  context.setGlobalContextManager(manager);
  closing.push(() => context.disable());
  const others = new AsyncLocalStorage<string>();
  const seen: unknown[] = [];
  const { provider, tracer } = tracing(receiver);
  const connect = vi.spyOn(Socket.prototype, 'connect');
  connect.mockImplementationOnce(function (this: Socket, ...args: unknown[]) {
    seen.push(others.getStore(), trace.getActiveSpan());
    connect.mockRestore();
    return this.connect(...(args as [never]));
  });
  await others.run('of the request', () =>
    tracer.startActiveSpan('active', async (span) => {
      tracer.startSpan('inner').end();
      await provider.forceFlush();
      span.end();
    }),
  );
  expect(seen).toEqual([undefined, undefined]);
  expect(receiver.names).toEqual(['inner']);
});

test('what does not fit into memory lies in files until the receiver is back', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'spill-'));
  closing.push(() => rmSync(folder, { recursive: true }));
  const receiver = await Receiver.start();
  receiver.up = false;
  const spill = { folder, maxBytes: 100_000_000 };
  const { processor, provider, make } = tracing(receiver, { maxBytes: 3_000_000, spill });
  make(10_000, { text: 'x'.repeat(1000) });
  const { dropped, spilled } = processor.stats();
  expect(dropped).toBe(0);
  expect(spilled).toBeGreaterThan(7000);
  expect(readdirSync(folder).length).toBeGreaterThan(6);
  receiver.up = true;
  await provider.forceFlush();
  await eventually(async () => processor.stats().exported === 10_000);
  expect(processor.stats()).toMatchObject({ pending: 0, spilled: 0, dropped: 0, recovered: 0 });
  expect(receiver.names).toHaveLength(10_000);
  expect(readdirSync(folder)).toEqual([]);
});

test('what is not sent at the end is sent by the next one', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'spill-'));
  closing.push(() => rmSync(folder, { recursive: true }));
  const receiver = await Receiver.start();
  receiver.up = false;
  const options = { spill: { folder, maxBytes: 100_000_000 }, batch: { scheduledDelayMillis: 20 } };
  const first = tracing(receiver, options);
  first.make(50);
  await first.provider.shutdown();
  expect(first.processor.stats()).toMatchObject({ pending: 50, spilled: 50, dropped: 0 });
  receiver.up = true;
  const second = tracing(receiver, options);
  await eventually(async () => receiver.names.length === 50);
  await eventually(async () => second.processor.stats().recovered === 50);
  expect(second.processor.stats()).toMatchObject({ started: 0, exported: 0, recovered: 50, pending: 0 });
});
