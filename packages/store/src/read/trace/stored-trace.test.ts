import { unixNanos, type LogRecord, type Span, type SpanId, type TraceId } from '@throughline/model';
import { traceFromText } from '@throughline/wire/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openTestStore, type TestStore } from '../../testing/open-test-store.ts';

const start = unixNanos(1_795_000_000_000_000_001n);
const [id, other, absent] = ['a', 'b', 'c'].map((digit) => digit.repeat(32) as TraceId) as [
  TraceId,
  TraceId,
  TraceId,
];
const spanId = (n: number) => n.toString(16).padStart(16, '0') as SpanId;

const rich: Span[] = traceFromText(
  `shop: GET /cart server 0..120 error http.response.status_code=500 ratio=0.5 ok=true user="Ann Ä"
     shop: SELECT carts client 10..50.5 db.system.name=postgresql
     pay: charge server 60..110`,
  { traceId: id, start },
).map((span, n) => ({
  ...span,
  ...(n === 0 && {
    traceState: 'vendor=1',
    flags: 0x101,
    statusMessage: 'no money',
    attributes: {
      ...span.attributes,
      big: 2n ** 62n + 1n,
      bytes: new Uint8Array([0, 255, 128]),
      list: ['x', 1n, [true]],
      map: { inner: { deep: 1.5 } },
      nothing: null,
    },
    events: [
      {
        time: unixNanos(start + 7n),
        name: 'cache.miss',
        attributes: { key: 'cart:1' },
        droppedAttributes: 1,
      },
      {
        time: unixNanos(start - 9n),
        name: 'exception',
        attributes: { list: ['needle'] },
        droppedAttributes: 0,
      },
    ],
    links: [
      {
        traceId: other,
        spanId: spanId(1),
        traceState: 's=1',
        attributes: { why: 'batch' },
        droppedAttributes: 2,
        flags: 0,
      },
      { traceId: absent, spanId: spanId(9), traceState: '', attributes: {}, droppedAttributes: 0, flags: 0 },
    ],
    droppedAttributes: 3,
    droppedEvents: 4,
    droppedLinks: 5,
    resource: {
      attributes: { 'service.name': 'shop', pods: 3n, tags: ['a'] },
      schemaUrl: 'https://opentelemetry.io/schemas/1.30.0',
      droppedAttributes: 6,
    },
    scope: { name: 'http', version: '2', attributes: { on: false }, schemaUrl: 's', droppedAttributes: 7 },
  }),
}));
const linked = traceFromText('mail: send producer 0..1', { traceId: other, start: unixNanos(start + 5n) });
const record: LogRecord = {
  time: unixNanos(start + 3n),
  observedTime: unixNanos(start + 4n),
  traceId: id,
  spanId: spanId(1),
  flags: 1,
  severity: 17,
  severityText: 'ERROR',
  eventName: 'declined',
  body: { code: 7n, text: 'no' },
  attributes: { at: 'till' },
  droppedAttributes: 1,
  resource: rich[0]!.resource,
  scope: rich[0]!.scope,
};

describe('a stored trace', () => {
  let test: TestStore;
  beforeAll(async () => {
    test = await openTestStore();
    await test.write(rich, 1_795_000_100);
    await test.write(linked, 1_795_000_100);
    await test.writeLogs([
      record,
      {
        ...record,
        time: unixNanos(0n),
        observedTime: unixNanos(start + 1n),
        body: 'plain',
        spanId: undefined,
      },
      { ...record, traceId: other },
    ]);
  });
  afterAll(() => test.close());

  it('comes back as it was sent', async () => {
    const trace = await test.store.trace(id);
    expect(trace!.spans).toEqual(rich);
    expect(trace!.warnings).toEqual([]);
    expect(trace!.summary).toEqual({
      traceId: id,
      start,
      duration: 120e6,
      rootService: 'shop',
      rootOperation: 'GET /cart',
      hasRoot: true,
      spans: 3,
      errors: 1,
      received: 1_795_000_100,
      services: [
        { name: 'shop', spans: 2, errors: 1, duration: 160.5e6 },
        { name: 'pay', spans: 1, errors: 0, duration: 50e6 },
      ],
      matched: 3,
    });
  });

  it('names the spans at both ends of its links', async () => {
    const details = await test.store.span(id, spanId(1));
    expect(details!.span).toEqual(rich[0]);
    expect(details!.links).toEqual([
      {
        traceId: other,
        spanId: spanId(1),
        traceState: 's=1',
        attributes: { why: 'batch' },
        droppedAttributes: 2,
        service: 'mail',
        operation: 'send',
        start: linked[0]!.start,
      },
      { traceId: absent, spanId: spanId(9), traceState: '', attributes: {}, droppedAttributes: 0 },
    ]);
    expect((await test.store.trace(other))!.linkedFrom).toEqual([
      {
        targetSpanId: spanId(1),
        traceId: id,
        spanId: spanId(1),
        traceState: 's=1',
        attributes: { why: 'batch' },
        droppedAttributes: 2,
        service: 'shop',
        operation: 'GET /cart',
        start,
      },
    ]);
    expect((await test.store.span(other, spanId(1)))!.linkedFrom).toHaveLength(1);
  });

  it('has its log records in the order of time, a missing time being the observed one', async () => {
    expect(await test.store.logs(id)).toEqual([
      { ...record, time: start + 1n, observedTime: start + 1n, body: 'plain', spanId: undefined },
      record,
    ]);
    expect((await test.store.trace(id))!.logs).toHaveLength(2);
    expect(await test.store.logs(absent)).toEqual([]);
  });

  it('is drawn from columns that say the same', async () => {
    const columns = (await test.store.timeline(id))!;
    expect(columns.spanIds).toEqual([1, 2, 3].map(spanId));
    expect(columns.names).toEqual(['GET /cart', 'cache.miss', 'exception', 'SELECT carts', 'charge']);
    const text = (n: number) => columns.names[columns.name[n]!];
    expect([0, 1, 2].map(text)).toEqual(['GET /cart', 'SELECT carts', 'charge']);
    expect([...columns.service].map((n) => columns.services[n])).toEqual(['shop', 'shop', 'pay']);
    expect([...columns.parent]).toEqual([-1, 0, 0]);
    expect([...columns.kind]).toEqual([2, 3, 2]);
    expect([...columns.status]).toEqual([2, 0, 0]);
    expect([...columns.start]).toEqual([0, 10e6, 60e6]);
    expect([...columns.duration]).toEqual([120e6, 40.5e6, 50e6]);
    expect([...columns.events]).toEqual([2, 0, 0]);
    expect([...columns.links]).toEqual([2, 0, 0]);
    expect([...columns.eventSpan]).toEqual([0, 0]);
    expect([...columns.eventTime]).toEqual([7, -9]);
    expect([...columns.eventName]).toEqual([1, 2]);
    expect([...(await test.store.timeline(other))!.linkedFrom]).toEqual([1]);
  });

  it.each([
    ['a name, whatever the case', 'CARTS', [2]],
    ['a service', 'pay', [3]],
    ['an attribute with its key', 'user=ann ä', [1]],
    ['a number', '500', [1]],
    ['the inside of a map', 'deep=1.5', [1]],
    ['the attribute of an event', 'needle', [1]],
    ['a status message', 'NO money', [1]],
    ['the id of a span or of its parent', spanId(1), [1, 2, 3]],
    ['the target of a link', other, [1]],
    ['a scope', 'text', [2, 3]],
    ['nothing', 'no such text', []],
  ])('is searched by %s', async (_, text, found) => {
    expect(await test.store.find(id, text)).toEqual(found.map(spanId));
  });

  it('is undefined where it is not stored', async () => {
    expect(await test.store.trace(absent)).toBeUndefined();
    expect(await test.store.timeline(absent)).toBeUndefined();
    expect(await test.store.find(absent, 'x')).toBeUndefined();
    expect(await test.store.span(absent, spanId(1))).toBeUndefined();
    expect(await test.store.span(id, spanId(77))).toBeUndefined();
  });
});

describe('a trace with times that are odd', () => {
  let test: TestStore;
  beforeAll(async () => {
    test = await openTestStore();
  });
  afterAll(() => test.close());

  it('is whole though a span ends before it starts, or starts a minute after all others end', async () => {
    const spans = traceFromText('a: x 0..1\n  a: y 1..2\n  a: z 3..4', { traceId: id, start });
    const odd = spans.map((span, n) => ({
      ...span,
      ...(n === 1 && { duration: -5e9 }),
      ...(n === 2 && { start: unixNanos(start + 200_000_000_000n), duration: -190e9 }),
    }));
    await test.write(odd.slice(0, 2));
    await test.write(odd.slice(2));
    const trace = await test.store.trace(id);
    expect(trace!.spans).toEqual(odd);
    expect(trace!.summary).toMatchObject({ start, duration: 200e9, spans: 3 });
  });

  it('is whole at the edge of a minute', async () => {
    const edge = 1_795_000_020_000_000_000n;
    expect(Number(edge) % 60e9).toBe(0);
    for (const [n, nanos] of [-300n, -129n, -1n, 0n, 1n].entries()) {
      const traceId = (n + 1).toString(16).padStart(32, 'd') as TraceId;
      await test.write(traceFromText('a: x 0..0', { traceId, start: unixNanos(edge + nanos) }));
      expect((await test.store.trace(traceId))?.spans).toHaveLength(1);
      const found = await test.store.search({
        conditions: [],
        service: 'a',
        start: unixNanos(edge + nanos),
        end: unixNanos(edge + nanos + 1n),
        sort: 'newest',
        limit: 10,
      });
      expect(found.traces.map((trace) => trace.traceId)).toEqual([traceId]);
    }
  });
});
