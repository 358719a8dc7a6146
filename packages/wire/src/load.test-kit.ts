import {
  type Resource,
  type Scope,
  type Span,
  type SpanId,
  spanKinds,
  type TraceId,
  unixNanos,
} from '@throughline/model';
import { encodeTraces } from './encode.ts';

/** Spans as a busy shop sends them: about 475 bytes and 11 attributes each, an event on every fifth; always the same. */
export function shopSpans(count: number): Span[] {
  const random = randomNumbers(42);
  const below = (n: number) => Math.floor(random() * n);
  const hex = (digits: number) => Array.from({ length: digits }, () => below(16).toString(16)).join('');
  return Array.from({ length: count }, (_, i) => {
    const start = unixNanos(1_767_225_600_000_000_000n + BigInt(below(50_000_000)) * 1000n);
    const failed = random() < 0.01;
    return {
      traceId: hex(32) as TraceId,
      spanId: hex(16) as SpanId,
      parentSpanId: i % 14 === 0 ? undefined : (hex(16) as SpanId),
      traceState: '',
      flags: 0,
      name: `GET /api/v1/items-${below(10)}/{id}`,
      kind: spanKinds[1 + (i % 5)]!,
      start,
      duration: 1000 + below(5_000_000),
      status: failed ? 'error' : 'unset',
      statusMessage: '',
      attributes: {
        'http.request.method': 'GET',
        'url.path': `/api/v1/items/${below(1e6)}`,
        'http.response.status_code': failed ? 500n : 200n,
        'server.address': 'checkout-17.internal',
        'server.port': 8080n,
        'user_agent.original': 'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36',
        'enduser.id': `user-${below(100_000)}`,
        'network.protocol.version': '1.1',
        'client.address': `10.0.${below(255)}.${below(255)}`,
        'thread.id': BigInt(below(64)),
        'feature.flag': random() < 0.5,
      },
      events:
        i % 5 === 0
          ? [
              {
                time: start,
                name: 'cache.miss',
                attributes: { 'cache.name': `items-${below(9)}` },
                droppedAttributes: 0,
              },
            ]
          : [],
      links: [],
      droppedAttributes: 0,
      droppedEvents: 0,
      droppedLinks: 0,
      resource,
      scope,
    };
  });
}

/** A request with 512 of them. */
export function shopRequest(): Uint8Array {
  return encodeTraces(shopSpans(512));
}

const resource: Resource = {
  attributes: {
    'service.name': 'checkout-17',
    'service.version': '1.4.0',
    'k8s.pod.name': 'checkout-17-83742',
    'host.name': 'node-5',
    'telemetry.sdk.language': 'nodejs',
    'deployment.environment.name': 'production',
  },
  schemaUrl: '',
  droppedAttributes: 0,
};

const scope: Scope = {
  name: '@opentelemetry/instrumentation-http',
  version: '0.200.0',
  attributes: {},
  schemaUrl: '',
  droppedAttributes: 0,
};

/** Marsaglia's xorshift: the same numbers in [0, 1) in every run. */
function randomNumbers(seed: number): () => number {
  let state = seed;
  return () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) / 2 ** 32;
  };
}

/** Prints how many spans each of `contestants`, working on 512 of them, manages in a second of CPU: best of five rounds. */
export function race(contestants: Record<string, () => number>): void {
  for (const [name, work] of Object.entries(contestants)) {
    let best = 0;
    let consumed = 0;
    for (let round = 0; round < 5; round++) {
      const start = cpuMs();
      let runs = 0;
      for (; cpuMs() - start < 300; runs++) consumed += work();
      best = Math.max(best, (runs * 512_000) / (cpuMs() - start));
    }
    console.log(
      `${name.padEnd(42)} ${Math.round(best / 1000)
        .toString()
        .padStart(6)} k spans/CPU-s  (${consumed % 10})`,
    );
  }
}

function cpuMs(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}
