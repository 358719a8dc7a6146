// An application that makes spans and exports them, for sdk.ts.
import { SpanKind, TraceFlags, type Tracer, context, trace } from '@opentelemetry/api';
import { CompressionAlgorithm } from '@opentelemetry/otlp-exporter-base';
import { OTLPTraceExporter as OfficialGrpc } from '@opentelemetry/exporter-trace-otlp-grpc';
import { OTLPTraceExporter as OfficialHttp } from '@opentelemetry/exporter-trace-otlp-proto';
import { resourceFromAttributes } from '@opentelemetry/resources';
import {
  BatchSpanProcessor,
  type SpanExporter,
  type SpanProcessor,
  TracerProvider,
} from '@opentelemetry/sdk-trace';
import { OtlpSpanProcessor } from '@throughline/node';
import { performance } from 'node:perf_hooks';
import { setTimeout as sleep, setImmediate as turn } from 'node:timers/promises';

export interface Job {
  readonly exporter: 'official' | 'throughline';
  readonly wire: 'http/protobuf' | 'http/protobuf gzip' | 'grpc';
  /** Ports. */
  readonly receiver: { readonly http: number; readonly grpc: number };
  readonly spans: number;
  readonly mode: 'cost' | 'burst';
}

export interface Cost {
  readonly cpuMicrosPerSpan: number;
  /** The same spans without a processor. */
  readonly ofThatMakingTheSpan: number;
  readonly spansPerSecond: number;
  readonly peakRssMb: number;
}

export interface Burst {
  readonly makingItMs: number;
  readonly peakRssMb: number;
}

const remoteParent = trace.setSpanContext(context.active(), {
  traceId: '0af7651916cd43dd8448eb211c80319c',
  spanId: 'b7ad6b7169203331',
  traceFlags: TraceFlags.SAMPLED,
  isRemote: true,
});

/** So many spans may be ended and not exported yet. */
const maxAhead = 5000;
/** The official exporter refuses what a flush of more requests than this asks of it. */
const concurrencyLimit = 1000;

const job = JSON.parse(process.argv[2]!) as Job;
process.send!(await (job.mode === 'cost' ? cost() : burst()));
process.disconnect();

/** Some spans in each turn of the event loop, and all of them sent at the end. */
async function cost(): Promise<Cost> {
  const bare = new TracerProvider().getTracer('bench');
  const { provider, pending } = tracing({ maxQueueSize: 3 * maxAhead });
  const tracer = provider.getTracer('bench', '1.0.0');
  await make(bare, job.spans / 6);
  await make(tracer, job.spans / 6, pending);
  await provider.forceFlush();
  const making = await cpuMicros(() => make(bare, job.spans));
  const begun = performance.now();
  const all = await cpuMicros(async () => {
    await make(tracer, job.spans, pending);
    await provider.forceFlush();
  });
  const seconds = (performance.now() - begun) / 1000;
  await provider.shutdown();
  return {
    cpuMicrosPerSpan: all / job.spans,
    ofThatMakingTheSpan: making / job.spans,
    spansPerSecond: job.spans / seconds,
    peakRssMb: process.resourceUsage().maxRSS / 1000,
  };
}

/** As fast as they can be made, with the settings that both have by default. */
async function burst(): Promise<Burst> {
  const { provider } = tracing({});
  const tracer = provider.getTracer('bench', '1.0.0');
  const begun = performance.now();
  await make(tracer, job.spans);
  const makingItMs = performance.now() - begun;
  await provider.forceFlush();
  await provider.shutdown();
  return { makingItMs, peakRssMb: process.resourceUsage().maxRSS / 1000 };
}

/** No faster than they are exported. */
async function make(tracer: Tracer, spans: number, pending = () => 0): Promise<void> {
  for (let each = 0; each < spans; each++) {
    makeOne(tracer, each);
    if (each % 200 < 199) continue;
    await turn();
    while (pending() > maxAhead) await sleep(1);
  }
}

/** 15 attributes, one event with two, and a parent in another process. */
function makeOne(tracer: Tracer, number: number): void {
  const span = tracer.startSpan('GET /orders/:id', { kind: SpanKind.SERVER }, remoteParent);
  span.setAttributes({
    'http.request.method': 'GET',
    'http.response.status_code': number % 50 === 0 ? 500 : 200,
    'http.route': '/orders/:id',
    'url.full': `http://shop.example:8080/orders/${number}?view=full`,
    'url.path': `/orders/${number}`,
    'url.scheme': 'http',
    'server.address': 'shop.example',
    'server.port': 8080,
    'client.address': '10.20.30.40',
    'network.peer.port': 30_000 + (number % 30_000),
    'network.protocol.version': '1.1',
    'user_agent.original': 'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko)',
    'enduser.id': `user-${number % 1000}`,
    'shop.cached': number % 2 === 0,
    'shop.load': (number % 97) / 97,
  });
  span.addEvent('cache.lookup', { 'cache.key': `order-${number}`, 'cache.hit': number % 2 === 0 });
  span.end();
}

async function cpuMicros(act: () => Promise<void>): Promise<number> {
  const before = process.cpuUsage();
  await act();
  const { user, system } = process.cpuUsage(before);
  return user + system;
}

interface Tracing {
  readonly processor: SpanProcessor;
  /** Ended and not exported yet. */
  readonly pending: () => number;
}

/** The official processor gets a longer queue where nothing shall be dropped. */
function tracing(queue: { maxQueueSize?: number }): Tracing & { provider: TracerProvider } {
  const own = job.exporter === 'official' ? official(queue) : throughline();
  const resource = resourceFromAttributes({ 'service.name': 'bench' });
  return { ...own, provider: new TracerProvider({ resource, spanProcessors: [own.processor] }) };
}

function official(queue: { maxQueueSize?: number }): Tracing {
  const exporter =
    job.wire === 'grpc'
      ? new OfficialGrpc({ url: url(), concurrencyLimit })
      : new OfficialHttp({
          url: url(),
          concurrencyLimit,
          compression: job.wire.endsWith('gzip') ? CompressionAlgorithm.GZIP : CompressionAlgorithm.NONE,
        });
  let pending = 0;
  const counting: SpanExporter = {
    export: (spans, done) =>
      exporter.export(spans, (result) => {
        pending -= spans.length;
        done(result);
      }),
    forceFlush: () => exporter.forceFlush(),
    shutdown: () => exporter.shutdown(),
  };
  const batch = new BatchSpanProcessor({ exporter: counting, ...queue });
  const processor: SpanProcessor = {
    onStart: () => {},
    onEnd: (span) => {
      pending++;
      batch.onEnd(span);
    },
    forceFlush: () => batch.forceFlush(),
    shutdown: () => batch.shutdown(),
  };
  return { processor, pending: () => pending };
}

function throughline(): Tracing {
  const processor = new OtlpSpanProcessor({
    target: {
      protocol: job.wire === 'grpc' ? 'grpc' : 'http/protobuf',
      url: new URL(url()),
      headers: {},
      timeoutMs: 10_000,
      gzip: job.wire.endsWith('gzip'),
      tls: {},
    },
  });
  return { processor, pending: () => processor.stats().pending };
}

function url(): string {
  const { http, grpc } = job.receiver;
  return job.wire === 'grpc' ? `http://127.0.0.1:${grpc}` : `http://127.0.0.1:${http}/v1/traces`;
}
