import type { Span } from '@throughline/model';
import { describe, expect, it } from 'vitest';
import { imported } from './import.test-kit.ts';
import { textOfTrace } from '../testing/trace-text.ts';

const micros = 1_700_000_000_123_456;
const span = (more: object = {}) => ({
  traceId: '86154a4ba6e91385',
  id: '4d1e00c0db9010db',
  name: 'get /cart',
  timestamp: micros,
  duration: 1_500,
  localEndpoint: { serviceName: 'shop', ipv4: '10.0.0.1', port: 80 },
  ...more,
});
async function one(more: object): Promise<Span> {
  const { spans, report } = await imported([span(more)]);
  expect(report.problems).toEqual([]);
  return spans[0]!;
}

describe("Zipkin's JSON", () => {
  it('is read as a list of spans, a list of traces, one span, and lines of any of them', async () => {
    const other = span({ traceId: 'f'.repeat(32) });
    for (const [file, count] of [
      [[span(), other], 2],
      [[[span()], [other]], 2],
      [span(), 1],
      [`${JSON.stringify(span())}\n${JSON.stringify([other])}`, 2],
    ] as [unknown, number][]) {
      const { report } = await imported(file);
      expect(report).toMatchObject({ formats: ['zipkin'], spans: count, traces: count, problemCount: 0 });
    }
  });

  it('has endpoints that become the service and attributes of both ends', async () => {
    const { attributes, resource, ...rest } = await one({
      kind: 'CLIENT',
      parentId: '1',
      remoteEndpoint: { serviceName: 'pay', ipv6: '::1', port: 443 },
      tags: { 'http.method': 'GET', 'network.peer.port': 'told' },
      debug: true,
    });
    expect(resource.attributes).toEqual({ 'service.name': 'shop' });
    expect(attributes).toEqual({
      'http.method': 'GET',
      'network.peer.port': 'told',
      'network.local.address': '10.0.0.1',
      'network.local.port': 80n,
      'peer.service': 'pay',
      'network.peer.address': '::1',
    });
    expect(rest).toMatchObject({
      traceId: '000000000000000086154a4ba6e91385',
      spanId: '4d1e00c0db9010db',
      parentSpanId: '0000000000000001',
      kind: 'client',
      name: 'get /cart',
      start: 1_700_000_000_123_456_000n,
      duration: 1_500_000,
      status: 'unset',
    });
  });

  it.each([
    [{ kind: 'SERVER' }, { kind: 'server' }],
    [{ kind: 'PRODUCER' }, { kind: 'producer' }],
    [{ kind: 'CONSUMER' }, { kind: 'consumer' }],
    [{}, { kind: 'internal' }],
    [{ tags: { error: '' } }, { status: 'error', statusMessage: '' }],
    [{ tags: { error: 'no money' } }, { status: 'error', statusMessage: 'no money' }],
    [{ tags: { error: 'true' } }, { status: 'error', statusMessage: '' }],
    [{ tags: { 'otel.status_code': 'ERROR', error: 'why' } }, { status: 'error', statusMessage: 'why' }],
    [{ tags: { 'otel.status_code': 'OK' } }, { status: 'ok' }],
    [
      { tags: { 'otel.scope.name': 'lib', 'otel.scope.version': '2' } },
      { scope: { name: 'lib', version: '2' } },
    ],
    [{ tags: { 'w3c.tracestate': 'a=1' } }, { traceState: 'a=1' }],
  ])('has with %o what it means', async (more, expected) => {
    const found = await one({ localEndpoint: { serviceName: 'shop' }, ...more });
    expect(found).toMatchObject(expected);
    expect(found.attributes).toEqual({});
  });

  it('has annotations that become events, with the attributes that OpenTelemetry writes into them', async () => {
    const { events } = await one({
      annotations: [
        { timestamp: micros + 1, value: 'cache miss' },
        { timestamp: micros + 2, value: '"retry": {"count": 2, "last": true}' },
        { timestamp: micros + 3, value: '"only quoted"' },
      ],
    });
    expect(
      events.map(({ time, name, attributes }) => [time - 1_700_000_000_123_456_000n, name, attributes]),
    ).toEqual([
      [1_000n, 'cache miss', {}],
      [2_000n, 'retry', { count: 2n, last: true }],
      [3_000n, '"only quoted"', {}],
    ]);
  });

  it('has the two sides of a call apart, the server below the client and with what it called itself', async () => {
    const at = (service: string, start: number, more: object) =>
      span({
        timestamp: micros + start * 1000,
        duration: 1_000,
        localEndpoint: { serviceName: service },
        ...more,
      });
    const file = [
      at('web', 0, { id: 'a', name: 'page' }),
      at('web', 1, { id: 'b', parentId: 'a', kind: 'CLIENT', name: 'call' }),
      at('api', 2, { id: 'b', parentId: 'a', kind: 'SERVER', name: 'serve', shared: true }),
      at('api', 3, { id: 'c', parentId: 'b', name: 'inside' }),
      at('web', 3, { id: 'd', parentId: 'b', name: 'waiting' }),
    ];
    const { spans } = await imported(file);
    expect(textOfTrace(spans)).toBe(`web: page 0..1
  web: call client 1..2
    api: serve server 2..3 zipkin.span_id=000000000000000b
      api: inside 3..4
    web: waiting 3..4`);
    expect((await imported(file)).spans).toEqual(spans);
    expect(new Set(spans.map(({ spanId }) => spanId)).size).toBe(5);
  });

  it('gives a span without a time that of its parent or its trace', async () => {
    const { spans, report } = await imported([
      span({ id: 'a' }),
      span({ id: 'b', parentId: 'a', timestamp: undefined, duration: undefined }),
      span({ id: 'c', timestamp: 0, annotations: [{ timestamp: micros + 5, value: 'x' }] }),
      span({ traceId: 'dd', id: 'd', timestamp: undefined }),
    ]);
    expect(spans.map(({ start }) => start - 1_700_000_000_123_456_000n)).toEqual([0n, 0n, 0n]);
    expect(report.problems).toEqual([
      { place: '[3]', message: 'there is no time in this span or its trace' },
    ]);
  });

  it('is read in version 1 too: both sides of a call in one span', async () => {
    const [web, api] = ['web', 'api'].map((serviceName) => ({ serviceName, ipv4: '10.0.0.1' }));
    const { spans, report } = await imported([
      {
        traceId: 'abc',
        id: 'b',
        parentId: 'a',
        name: 'call',
        timestamp: micros,
        duration: 9_000,
        annotations: [
          { timestamp: micros, value: 'cs', endpoint: web },
          { timestamp: micros + 1_000, value: 'sr', endpoint: api },
          { timestamp: micros + 2_000, value: 'half way', endpoint: api },
          { timestamp: micros + 3_000, value: 'ss', endpoint: api },
          { timestamp: micros + 9_000, value: 'cr', endpoint: web },
        ],
        binaryAnnotations: [
          { key: 'http.path', value: '/pay', endpoint: web },
          { key: 'error', value: 'broken', endpoint: api },
          { key: 'sa', value: true, endpoint: api },
        ],
      },
      {
        traceId: 'abc',
        id: 'a',
        name: 'page',
        timestamp: micros - 1_000,
        duration: 20_000,
        binaryAnnotations: [{ key: 'lc', value: 'spring', endpoint: web }],
      },
    ]);
    expect(report).toMatchObject({ formats: ['zipkin'], problemCount: 0 });
    const quiet = spans.map(({ attributes, ...each }) => ({
      ...each,
      attributes: Object.fromEntries(
        Object.entries(attributes).filter(([key]) => !key.startsWith('network.')),
      ),
    }));
    expect(textOfTrace(quiet)).toBe(`web: page 0..20 lc=spring
  web: call client 1..10 http.path=/pay peer.service=api
    api: call server 2..4 error zipkin.span_id=000000000000000b`);
    expect(spans.find(({ kind }) => kind === 'server')!.events.map(({ name }) => name)).toEqual(['half way']);
  });

  it.each([
    [{ id: 'xyz' }, '[1].id', 'expected up to 16 hex digits, got "xyz"'],
    [{ traceId: '0' }, '[1].traceId', 'expected an id that is not zero, got "0"'],
    [{ timestamp: {} }, '[1].timestamp', 'expected microseconds, got an object'],
    [{ localEndpoint: { port: 70_000 } }, '[1].localEndpoint.port', 'expected a port, got 70000'],
    [{ tags: [] }, '[1].tags', 'expected an object, got an array'],
  ])('with %o in a span goes on without it and says where', async (broken, place, message) => {
    const { spans, report } = await imported([span(), span(broken), span({ id: 'c' })]);
    expect(spans).toHaveLength(2);
    expect(report.problems).toEqual([{ place, message }]);
  });
});
