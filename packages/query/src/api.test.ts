import { unixNanos, type Span, type SpanId, type TraceId } from '@throughline/model';
import { ClickHouseTraceStore, EngineUnavailable, type Engine } from '@throughline/store';
import { openTestStore, type TestStore } from '@throughline/store/testing';
import { traceFromText } from '@throughline/wire/testing';
import { request } from 'node:http';
import { brotliDecompressSync, gunzipSync } from 'node:zlib';
import type { z } from 'zod';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import * as schemas from './api/schemas.ts';
import type { SearchResult, TraceSummary } from './api/types.ts';
import { createApi } from './create-api.ts';
import type { ApiOptions } from './options.ts';
import { serveApi, type ServedApi } from './testing/serve-api.ts';

const id = 'a'.repeat(32) as TraceId;
const [first, second] = ['0000000000000001', '0000000000000002'];
const text = `shop: GET /cart server 0..120 error http.response.status_code=500
  shop: SELECT carts client 10..50.5
  pay: charge server 60..110`;
const secondsAgo = (seconds: number) => unixNanos(BigInt(Date.now() - seconds * 1000) * 1_000_000n);

let test: TestStore;
const served: ServedApi[] = [];
const errors: unknown[] = [];

async function serve(options: Partial<ApiOptions> = {}): Promise<string> {
  const api = createApi({
    store: test.store,
    allowPurge: false,
    status: () => ({
      version: '1.2.3',
      uptime_s: 4,
      data_dir: '/data',
      listening: [{ what: 'UI and API', url: 'http://127.0.0.1:1' }],
      journal: [{ pipeline: 'traces', bytes: 1, max_bytes: 2, consumers: [{ exporter: 'x', lag_bytes: 0 }] }],
      engine: { kind: 'embedded', state: 'ready' },
    }),
    log: { warn: () => {}, error: (_, fields) => errors.push(fields) },
    ...options,
  });
  const one = await serveApi(api, { host: '127.0.0.1', port: 0 });
  served.push(one);
  return `${one.url}${options.basePath ?? ''}/throughline/v1`;
}

beforeAll(async () => {
  test = await openTestStore();
  await test.write(
    traceFromText(text, { traceId: id, start: secondsAgo(20) }).map((span, n) =>
      n === 0 ? { ...span, links: [linkTo('b'.repeat(32))] } : span,
    ),
  );
  await test.write(traceFromText('mail: send 0..1', { traceId: 'b'.repeat(32), start: secondsAgo(30) }));
});
afterEach(async () => {
  await Promise.all(served.splice(0).map((one) => one.close()));
});
afterAll(() => test.close());

function linkTo(traceId: string): Span['links'][number] {
  return {
    traceId: traceId as TraceId,
    spanId: first as SpanId,
    traceState: '',
    attributes: {},
    droppedAttributes: 0,
    flags: 0,
  };
}

describe('answers', () => {
  it.each([
    ['status', schemas.Status],
    ['services', schemas.Services],
    ['operations?service=shop', schemas.Operations],
    ['attributes/keys?prefix=status', schemas.AttributeKeys],
    ['attributes/values?key=http.response.status_code', schemas.AttributeValues],
    ['traces', schemas.SearchResult],
    [`traces/${id}`, schemas.Trace],
    [`traces/${id}/timeline`, schemas.Timeline],
    [`traces/${id}/spans/${first}`, schemas.SpanDetails],
    [`traces/${id}/find?q=charge`, schemas.FoundSpans],
    ['service-map', schemas.ServiceMap],
    ['red?by=operation', schemas.RedSeries],
  ] as [string, z.ZodObject][])(
    'to %s are what the description says, and not empty',
    async (path, schema) => {
      const response = await fetch(`${await serve()}/${path}`);
      const body: unknown = await response.json();
      expect(response.status).toBe(200);
      expect(schema.strict().parse(body)).toEqual(body);
      expect(Object.values(body as object).flat()).not.toEqual([]);
    },
  );

  it('tell what is stored', async () => {
    const url = await serve();
    const get = async (path: string) => (await fetch(`${url}/${path}`)).json() as Promise<unknown>;
    expect(await get('status')).toMatchObject({
      version: '1.2.3',
      spans: { stored: 4 },
      purge_allowed: false,
    });
    expect(await get('services')).toEqual({
      services: [
        { name: 'mail', spans: 1, errors: 0 },
        { name: 'pay', spans: 1, errors: 0 },
        { name: 'shop', spans: 2, errors: 1 },
      ],
    });
    expect(await get('attributes/values?key=http.response.status_code')).toEqual({
      values: [{ type: 'int', value: 500, count: 1 }],
    });
    const map = schemas.ServiceMap.parse(await get('service-map'));
    expect(map.edges).toMatchObject([
      { from: 'shop', to: 'pay', kind: 'call', calls: 1, errors: 0, rate: 1 / map.seconds, error_rate: 0 },
    ]);
    expect(map.nodes.at(-1)).toMatchObject({ id: 'shop', kind: 'service', calls: 1, error_rate: 1 });
    expect(map.seconds).toBeGreaterThanOrEqual(3600);
    expect(await get('service-map?service=mail')).toMatchObject({ nodes: [{ id: 'mail' }], edges: [] });
    expect(await get(`traces/${'b'.repeat(32)}`)).toMatchObject({
      linked_from: [{ trace_id: id, span_id: first, target_span_id: first, service: 'shop' }],
    });
    expect(await get(`traces/${id}/spans/${second}`)).toMatchObject({
      name: 'SELECT carts',
      parent_span_id: first,
    });
  });

  it('find the same traces asked by address and by body', async () => {
    const url = await serve();
    const conditions = [{ key: 'http.response.status_code', op: '>=', value: 500 }];
    const question = { service: 'shop', conditions, min_duration: 1e6, limit: 5 };
    const parameters = new URLSearchParams({
      ...question,
      conditions: JSON.stringify(conditions),
      min_duration: '1e6',
      limit: '5',
    });
    const byAddress = (await (await fetch(`${url}/traces?${parameters}`)).json()) as SearchResult;
    const byBody = await fetch(`${url}/traces/search`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(question),
    });
    expect(byAddress.traces.map(({ trace_id, matched }) => [trace_id, matched])).toEqual([[id, 1]]);
    expect(await byBody.json()).toEqual(byAddress);
  });

  it('are described by an OpenAPI 3.1 document', async () => {
    const document = (await (await fetch(`${await serve()}/openapi.json`)).json()) as {
      openapi: string;
      paths: Record<
        string,
        Record<string, { operationId: string; parameters?: { name: string; in: string; schema: unknown }[] }>
      >;
    };
    expect(document.openapi).toBe('3.1.0');
    const operations = Object.entries(document.paths).flatMap(([path, methods]) =>
      Object.entries(methods).map(([method, { operationId }]) => `${method} ${path} ${operationId}`),
    );
    expect(operations.toSorted()).toEqual(
      [
        'delete /data deleteData',
        'get /attributes/keys attributeKeys',
        'get /attributes/values attributeValues',
        'get /logs logs',
        'get /logs/services logServices',
        'get /operations operations',
        'get /red red',
        'get /service-map serviceMap',
        'get /services services',
        'get /statistics statistics',
        'get /status status',
        'get /traces searchTraces',
        'get /traces/stream streamTraces',
        'get /traces/{trace_id} trace',
        'get /traces/{trace_id}/find findInTrace',
        'get /traces/{trace_id}/logs logsOfTrace',
        'get /traces/{trace_id}/spans/{span_id} span',
        'get /traces/{trace_id}/timeline timeline',
        'post /import importFile',
        'post /traces/search searchTracesByBody',
      ].toSorted(),
    );
    for (const [path, methods] of Object.entries(document.paths))
      for (const { parameters = [] } of Object.values(methods)) {
        for (const { name, schema } of parameters)
          if (name === 'limit') expect(schema).toMatchObject({ type: 'integer', minimum: 1 });
        const inPath = parameters.filter((one) => one.in === 'path').map(({ name }) => name);
        expect(inPath).toEqual(Array.from(path.matchAll(/\{(\w+)\}/g), ([, name]) => name));
      }
  });
});

describe('a request that is wrong', () => {
  it.each([
    ['traces?limit=0', 'query limit'],
    ['traces?limit=many', 'query limit'],
    ['traces?serivce=shop', 'query serivce'],
    ['traces?start=yesterday', 'query start'],
    ['traces?start=5&end=5', 'query end'],
    ['traces?conditions=[', 'query conditions'],
    ['traces?conditions=[{"key":"a","op":"~"}]', 'query conditions.0.op'],
    ['traces?conditions=[{"key":"a","op":"="}]', 'query conditions.0.value'],
    ['traces?conditions=[{"key":"a","op":"=","value":1,"vale":1}]', 'query conditions.0.vale'],
    ['traces?limit=0x10', 'query limit'],
    ['traces?min_duration=', 'query min_duration'],
    ['traces?max_trace_duration=-1', 'query max_trace_duration'],
    ['traces?cursor=x', 'query cursor'],
    ['traces/xyz', 'path trace_id'],
    [`traces/${'0'.repeat(32)}`, 'path trace_id'],
    [`traces/${id}/spans/1`, 'path span_id'],
    ['attributes/values', 'query key'],
    ['red?step_s=61', 'query step_s'],
  ])('is told what is wrong and where: %s', async (path, place) => {
    const response = await fetch(`${await serve()}/${path}`);
    expect(response.status).toBe(400);
    expect(response.headers.get('content-type')).toBe('application/problem+json');
    const body = schemas.Problem.parse(await response.json());
    expect(body.errors!.map((error) => `${error.in} ${error.name}`)).toContain(place);
    expect(body.detail).toContain(place);
  });

  it('is 405 where the path has other methods, and names them', async () => {
    const url = await serve();
    const refused = async (method: string, path: string) => {
      const response = await fetch(`${url}/${path}`, { method });
      const { status } = schemas.Problem.parse(await response.json());
      return `${status} ${response.status} ${response.headers.get('allow')}`;
    };
    expect(await refused('POST', 'services')).toBe('405 405 GET, HEAD');
    expect(await refused('GET', 'traces/search')).toBe('405 405 POST');
    expect(await refused('DELETE', `traces/${id}`)).toBe('405 405 GET, HEAD');
    expect(await refused('GET', 'data')).toBe('405 405 DELETE');
  });

  it('is 415 without a type of its body', async () => {
    const response = await fetch(`${await serve()}/traces/search`, { method: 'POST' });
    expect([response.status, schemas.Problem.parse(await response.json()).status]).toEqual([415, 415]);
  });

  it('is told that a text is too long to be asked for', async () => {
    const response = await fetch(`${await serve()}/traces?service=${'x'.repeat(10_001)}`);
    expect(response.status).toBe(400);
    expect(schemas.Problem.parse(await response.json()).detail).toContain('query service');
  });

  it('is not to ask for a time that ends before anything is stored', async () => {
    const response = await fetch(`${await serve()}/service-map?end=0`);
    expect([response.status, await response.json()]).toEqual([200, { seconds: 1, nodes: [], edges: [] }]);
  });

  it('is 404 for what is not stored or does not exist', async () => {
    const url = await serve();
    for (const path of [`traces/${'c'.repeat(16)}`, `traces/${id}/spans/${'9'.repeat(16)}`, 'nothing']) {
      const response = await fetch(`${url}/${path}`);
      expect(response.status).toBe(404);
      expect(schemas.Problem.parse(await response.json()).status).toBe(404);
    }
  });

  it('finds a trace by an id of 16 digits', async () => {
    await test.write(
      traceFromText('old: x 0..1', { traceId: 'd'.repeat(16).padStart(32, '0'), start: secondsAgo(50_000) }),
    );
    expect((await fetch(`${await serve()}/traces/${'D'.repeat(16)}`)).status).toBe(200);
  });
});

describe('an engine', () => {
  const broken = (error: Error): Engine =>
    ({ query: () => Promise.reject(error), queryNative: () => Promise.reject(error) }) as unknown as Engine;

  it('that is down makes 503 with a time to come back, and status goes on', async () => {
    const store = new ClickHouseTraceStore(broken(new EngineUnavailable('the engine is starting')));
    const url = await serve({ store });
    const response = await fetch(`${url}/traces`);
    expect([response.status, response.headers.get('retry-after')]).toEqual([503, '1']);
    expect((await fetch(`${url}/status`)).status).toBe(200);
  });

  it('that starts is waited for by whoever asks first how much is stored', async () => {
    let asked = 0;
    const engine = () => ({
      kind: 'embedded' as const,
      state: asked++ < 3 ? ('starting' as const) : ('ready' as const),
    });
    const url = await serve({
      status: () => ({
        version: '1',
        uptime_s: 0,
        data_dir: '',
        listening: [],
        journal: [],
        engine: engine(),
      }),
    });
    const status = schemas.Status.parse(await (await fetch(`${url}/status`)).json());
    expect([status.engine.state, status.spans.stored > 0]).toEqual(['ready', true]);
  });

  it('that takes too long makes 504', async () => {
    const slow = 'SELECT sum(sleepEachRow(0.05)) FROM numbers(200) SETTINGS max_block_size = 1';
    const engine = {
      query: (_: string, o: object) => test.engine.query(slow, { ...o, params: {}, timeoutMs: 300 }),
    };
    const store = new ClickHouseTraceStore(engine as unknown as Engine);
    expect((await fetch(`${await serve({ store })}/services`)).status).toBe(504);
  });

  it('stops working on a question when the client hangs up', async () => {
    const slow = 'SELECT sum(sleepEachRow(0.05)) FROM numbers(400) SETTINGS max_block_size = 1';
    const engine = { query: (_: string, o: object) => test.engine.query(slow, { ...o, params: {} }) };
    const url = await serve({ store: new ClickHouseTraceStore(engine as unknown as Engine) });
    const running = async () =>
      (
        await test.engine.query(
          `SELECT 1 FROM system.processes WHERE query LIKE '%numbers(400)%' AND query NOT LIKE '%processes%'`,
        )
      ).length;
    const client = new AbortController();
    const answer = fetch(`${url}/services`, { signal: client.signal });
    await expect.poll(running, { timeout: 10_000 }).toBe(1);
    client.abort();
    await expect(answer).rejects.toThrow();
    await expect.poll(running, { timeout: 5_000 }).toBe(0);
    expect(errors).toEqual([]);
  });
});

describe('deleting everything', () => {
  it('is refused unless the server allows it', async () => {
    const response = await fetch(`${await serve()}/data`, { method: 'DELETE' });
    expect(response.status).toBe(403);
    expect((await test.store.counts()).spans).toBeGreaterThan(0);
  });

  it('leaves nothing, and what comes afterwards is whole', async () => {
    const own = await openTestStore();
    try {
      const url = await serve({ store: own.store, allowPurge: true });
      await own.write(traceFromText(text, { traceId: id, start: secondsAgo(20) }));
      expect((await fetch(`${url}/data`, { method: 'DELETE' })).status).toBe(200);
      const bodies = await Promise.all(
        ['services', 'traces', 'attributes/keys', 'operations', 'service-map'].map(async (path) =>
          (await fetch(`${url}/${path}`)).json(),
        ),
      );
      expect(bodies).toEqual([
        { services: [] },
        { traces: [] },
        { keys: [] },
        { operations: [] },
        { seconds: expect.any(Number) as number, nodes: [], edges: [] },
      ]);
      await own.write(traceFromText(text, { traceId: id, start: secondsAgo(20) }));
      const trace = (await (await fetch(`${url}/traces/${id}`)).json()) as {
        spans: { resource: { attributes: unknown[] } }[];
      };
      expect(trace.spans).toHaveLength(3);
      expect(trace.spans[0]!.resource.attributes).toHaveLength(1);
    } finally {
      await own.close();
    }
  });
});

describe('HTTP', () => {
  it('sends an answer again only when it has changed', async () => {
    const url = `${await serve()}/traces/${id}`;
    const etag = (await fetch(url)).headers.get('etag')!;
    expect((await fetch(url, { headers: { 'if-none-match': etag } })).status).toBe(304);
    expect((await fetch(url, { headers: { 'if-none-match': 'W/"other"' } })).status).toBe(200);
  });

  it('compresses large answers as the client asks', async () => {
    const url = `${await serve()}/traces/${id}`;
    const raw = async (encoding: string) => {
      const response = await new Promise<{ encoding: string | undefined; body: Buffer }>(
        (resolve, reject) => {
          request(url, { headers: { 'accept-encoding': encoding } }, (message) => {
            const chunks: Buffer[] = [];
            message.on('data', (chunk: Buffer) => chunks.push(chunk));
            message.on('end', () =>
              resolve({ encoding: message.headers['content-encoding'], body: Buffer.concat(chunks) }),
            );
          })
            .on('error', reject)
            .end();
        },
      );
      return response;
    };
    const plain = await raw('identity');
    expect(plain.encoding).toBeUndefined();
    const zipped = await raw('gzip');
    expect([zipped.encoding, gunzipSync(zipped.body).equals(plain.body)]).toEqual(['gzip', true]);
    const brotli = await raw('gzip;q=0, br');
    expect([brotli.encoding, brotliDecompressSync(brotli.body).equals(plain.body)]).toEqual(['br', true]);
  });

  it('serves the app below a base path, and gives back the prefix that a proxy cut off', async () => {
    const ui = {
      respond: (path: string) =>
        path.startsWith('/assets')
          ? new Response('js', { headers: { 'content-type': 'text/javascript' } })
          : new Response('<base href="/tracing/">', { headers: { 'content-type': 'text/html' } }),
    };
    const api = await serve({ ui, basePath: '/tracing' });
    const app = api.replace('/throughline/v1', '');
    expect((await fetch(`${api}/services`)).status).toBe(200);
    expect(await (await fetch(`${app}/trace/${id}`)).text()).toBe('<base href="/tracing/">');
    const proxied = await fetch(`${app}/search`, { headers: { 'x-forwarded-prefix': '/ops/' } });
    expect(await proxied.text()).toBe('<base href="/ops/tracing/">');
    const hostile = await fetch(`${app}/search`, { headers: { 'x-forwarded-prefix': '/"><script>' } });
    expect(await hostile.text()).toBe('<base href="/tracing/">');
    expect((await fetch(`${api}/nothing`)).status).toBe(404);
  });
});

describe('the live stream', () => {
  interface Received {
    readonly id: string;
    readonly trace: TraceSummary;
  }

  /** Reads events until they are enough; then hangs up. */
  async function events(
    url: string,
    enough: (found: readonly Received[]) => boolean,
    lastEventId?: string,
  ): Promise<Received[]> {
    const client = new AbortController();
    const response = await fetch(url, {
      signal: client.signal,
      headers: lastEventId === undefined ? {} : { 'last-event-id': lastEventId },
    });
    expect(response.headers.get('content-type')).toMatch(/^text\/event-stream/);
    expect(response.headers.get('content-encoding')).toBeNull();
    const found: Received[] = [];
    let rest = '';
    for await (const chunk of response.body!.pipeThrough(new TextDecoderStream())) {
      const messages = (rest + chunk).split('\n\n');
      rest = messages.pop()!;
      for (const message of messages) {
        const field = (name: string) => new RegExp(`^${name}: (.*)$`, 'm').exec(message)?.[1];
        if (field('event') === 'trace')
          found.push({ id: field('id')!, trace: JSON.parse(field('data')!) as TraceSummary });
      }
      if (enough(found)) break;
    }
    client.abort();
    return found;
  }

  const names = (received: readonly Received[]) => received.map(({ trace }) => trace.root_operation);
  const write = (name: string, service = 'live') =>
    test.write(
      traceFromText(`${service}: ${name} 0..1`, {
        traceId: Buffer.from(name.padStart(16, '-')).toString('hex'),
        start: secondsAgo(0),
      }),
    );

  it('tells of matching traces as they come, each once, and goes on where the client was', async () => {
    await write('before');
    const url = `${await serve()}/traces/stream?service=live`;
    const reading = events(url, (found) => found.length >= 2);
    // The stream tells what comes after it began, so traces are written until it has told of two.
    let done = false;
    void reading.finally(() => (done = true));
    let written = 0;
    for (; !done && written < 500; written++) {
      await write(`live-${written}`);
      await write(`other-${written}`, 'quiet');
    }
    const early = await reading;
    await write('last');
    const isLast = ({ trace }: Received) => trace.root_operation === 'last';
    const late = await events(url, (found) => found.some(isLast), early.at(-1)!.id);
    const told = names([...early, ...late]);
    expect(new Set(told).size).toBe(told.length);
    const begun = Number(told[0]!.slice('live-'.length));
    const wanted = Array.from({ length: written - begun }, (_, n) => `live-${begun + n}`);
    expect(told.toSorted()).toEqual([...wanted, 'last'].toSorted());
  });
});
