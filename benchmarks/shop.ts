import {
  unixNanos,
  type Attributes,
  type Resource,
  type Scope,
  type Span,
  type SpanEvent,
  type SpanId,
  type TraceId,
} from '@throughline/model';

/** Numbers from 0 to 1, the same in every run (mulberry32). */
export function randomNumbers(seed: number): () => number {
  let state = seed | 0;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

const micro = 1000;
const milli = 1_000_000;
const things = ['orders', 'items', 'invoices', 'parcels', 'accounts'];

/** A service of the shop: what it says of itself, and what it is asked for. */
interface Service {
  readonly name: string;
  readonly resource: Resource;
  readonly scope: Scope;
  readonly operations: readonly string[];
}

/** The names of 40 services: ten kinds of work in four regions. */
export const serviceNames: readonly string[] = ['eu', 'us', 'asia', 'lab'].flatMap((region) =>
  ['web', 'account', 'basket', 'billing', 'delivery', 'mail', 'catalogue', 'search', 'price', 'stock'].map(
    (work) => `${work}-${region}`,
  ),
);

/**
 * Traces of a shop with 40 services, until there are at least `count` spans: requests that call other services and ask
 * databases, 3 to 27 spans each, nested in time, log-uniformly from 2 ms to 2 s long and all within 50 ms after 1970.
 * One span in a hundred fails, every fifth has an event. With its resource a span has about 20 attributes.
 */
export function shopSpans(count: number, seed: number): Span[] {
  const shop = new Shop(randomNumbers(seed));
  while (shop.spans.length < count) shop.trace();
  return shop.spans;
}

class Shop {
  readonly spans: Span[] = [];
  readonly #random: () => number;
  readonly #services: readonly Service[];
  #traceId = '' as TraceId;
  #user = '';
  #left = 0;

  constructor(random: () => number) {
    this.#random = random;
    this.#services = serviceNames.map((name, index) => this.#service(name, index));
  }

  trace(): void {
    this.#traceId = this.#hex(32) as TraceId;
    this.#user = `user-${this.#digits(5)}`;
    this.#left = 3 + this.#below(25);
    const duration = Math.exp(Math.log(2 * milli) + this.#random() * Math.log(1000));
    this.#serve(this.#one(this.#services), undefined, this.#below(50_000) * micro, duration);
  }

  /** The span of a service that is asked, and what it does to answer, one thing after the other. */
  #serve(service: Service, parent: SpanId | undefined, start: number, duration: number): void {
    const failed = this.#random() < 0.01;
    const thing = this.#one(things);
    const id = this.#add(service, {
      parent,
      kind: 'server',
      name: this.#one(service.operations),
      start,
      duration,
      failed,
      attributes: {
        'http.request.method': 'GET',
        'url.path': `/api/v1/${thing}/${this.#digits(6)}`,
        'http.response.status_code': failed ? 500n : 200n,
        'server.address': `${service.name}.shop.internal`,
        'server.port': 8080n,
        'user_agent.original': 'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36',
        'user.id': this.#user,
        'network.protocol.version': '1.1',
        'client.address': `10.0.${this.#below(255)}.${this.#below(255)}`,
        'thread.id': BigInt(this.#below(64)),
        'shop.cached': this.#random() < 0.5,
      },
    });
    let from = start + duration * 0.05;
    for (let step = 0; step < 4 && this.#left > 0; step++) {
      const room = start + duration - from;
      const length = room * (0.1 + 0.5 * this.#random());
      if (this.#random() < 0.5) this.#query(service, id, from, length);
      else this.#call(service, this.#one(this.#services), id, from, length);
      from += length;
    }
  }

  #call(caller: Service, callee: Service, parent: SpanId, start: number, duration: number): void {
    const id = this.#add(caller, {
      parent,
      kind: 'client',
      name: 'GET',
      start,
      duration,
      failed: false,
      attributes: {
        'http.request.method': 'GET',
        'url.full': `http://${callee.name}.shop.internal:8080/api/v1/${this.#one(things)}/${this.#digits(6)}`,
        'http.response.status_code': 200n,
        'server.address': `${callee.name}.shop.internal`,
        'server.port': 8080n,
        'user.id': this.#user,
        'network.protocol.version': '1.1',
        'network.peer.address': `10.0.${this.#below(255)}.${this.#below(255)}`,
        'network.peer.port': 8080n,
        'thread.id': BigInt(this.#below(64)),
        'shop.retried': false,
      },
    });
    if (this.#left > 0) this.#serve(callee, id, start + duration * 0.05, duration * 0.9);
  }

  #query(service: Service, parent: SpanId, start: number, duration: number): void {
    const table = this.#one(things);
    this.#add(service, {
      parent,
      kind: 'client',
      name: `SELECT ${table}`,
      start,
      duration,
      failed: this.#random() < 0.01,
      attributes: {
        'db.system.name': 'postgresql',
        'db.namespace': 'shop',
        'db.operation.name': 'SELECT',
        'db.collection.name': table,
        'db.query.text': `SELECT * FROM ${table} WHERE owner = $1 AND state <> $2 LIMIT 50`,
        'db.response.returned_rows': BigInt(this.#below(50)),
        'server.address': `db-${table}.shop.internal`,
        'server.port': 5432n,
        'user.id': this.#user,
        'thread.id': BigInt(this.#below(64)),
        'shop.pool.wait_ms': this.#random() * 3,
      },
    });
  }

  #add(
    service: Service,
    it: Pick<Span, 'kind' | 'name' | 'attributes'> & {
      parent: SpanId | undefined;
      start: number;
      duration: number;
      failed: boolean;
    },
  ): SpanId {
    const spanId = this.#hex(16) as SpanId;
    const start = Math.round(it.start);
    const duration = Math.max(50 * micro, Math.round(it.duration));
    this.#left--;
    this.spans.push({
      ...nothing,
      traceId: this.#traceId,
      spanId,
      parentSpanId: it.parent,
      name: it.name,
      kind: it.kind,
      start: unixNanos(BigInt(start)),
      duration,
      status: it.failed ? 'error' : 'unset',
      attributes: it.attributes,
      events: this.#random() < 0.2 ? [this.#event(start + Math.floor(duration / 2), it.failed)] : [],
      resource: service.resource,
      scope: service.scope,
    });
    return spanId;
  }

  #event(time: number, failed: boolean): SpanEvent {
    return {
      time: unixNanos(BigInt(time)),
      name: failed ? 'exception' : 'cache.miss',
      attributes: { 'exception.message': `no answer within ${this.#below(1000)} ms` },
      droppedAttributes: 0,
    };
  }

  #service(name: string, index: number): Service {
    return {
      name,
      resource: {
        attributes: {
          'service.name': name,
          'service.version': `1.${index % 9}.0`,
          'k8s.pod.name': `${name}-${this.#digits(5)}`,
          'k8s.namespace.name': 'shop',
          'host.name': `node-${this.#below(20)}`,
          'telemetry.sdk.language': 'nodejs',
          'telemetry.sdk.name': 'opentelemetry',
          'telemetry.sdk.version': '2.0.1',
          'deployment.environment.name': 'production',
        },
        schemaUrl: '',
        droppedAttributes: 0,
      },
      scope: {
        name: '@opentelemetry/instrumentation-http',
        version: '0.200.0',
        attributes: {},
        schemaUrl: '',
        droppedAttributes: 0,
      },
      operations: Array.from(
        { length: 10 },
        (_, i) => `GET /api/v${i % 3}/${things[i % 5]}/${index}-${i}/{id}`,
      ),
    };
  }

  #below(limit: number): number {
    return Math.floor(this.#random() * limit);
  }

  #one<T>(of: readonly T[]): T {
    return of[this.#below(of.length)]!;
  }

  #digits(count: number): string {
    return String(this.#below(10 ** count)).padStart(count, '0');
  }

  #hex(digits: number): string {
    let hex = '';
    while (hex.length < digits)
      hex += this.#below(2 ** 32)
        .toString(16)
        .padStart(8, '0');
    return hex;
  }
}

const nothing = {
  traceState: '',
  flags: 0,
  statusMessage: '',
  attributes: {} as Attributes,
  links: [],
  droppedAttributes: 0,
  droppedEvents: 0,
  droppedLinks: 0,
} as const;
