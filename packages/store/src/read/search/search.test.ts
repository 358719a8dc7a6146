import {
  unixNanos,
  type AttributeValue,
  type Resource,
  type Span,
  type SpanId,
  type TraceId,
} from '@throughline/model';
import { traceFromText } from '@throughline/wire/testing';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openTestStore, type TestStore } from '../../testing/open-test-store.ts';
import { plainSearch } from './plain-search.test-kit.ts';
import { InvalidCursor, type TracePage, type TraceQuery, type TraceSummary } from '../trace-query.ts';

const seed = 20_261_120;
const second = 1_000_000_000n;
const zero = 1_795_000_000n * second;
const everything: TraceQuery = {
  conditions: [],
  start: unixNanos(0n),
  end: unixNanos(2n ** 63n - 1n),
  sort: 'newest',
  limit: 1000,
};

async function allPages(
  search: (query: TraceQuery) => Promise<TracePage>,
  query: TraceQuery,
): Promise<TraceSummary[]> {
  const traces: TraceSummary[] = [];
  for (let cursor: string | undefined; ;) {
    const page = await search({ ...query, cursor });
    expect(page.traces.length).toBeLessThanOrEqual(query.limit);
    traces.push(...page.traces);
    if (page.nextCursor === undefined) return traces;
    expect(page.traces).toHaveLength(query.limit);
    cursor = page.nextCursor;
  }
}

describe('search among random spans', () => {
  const scope = { name: '', version: '', attributes: {}, schemaUrl: '', droppedAttributes: 0 };
  const services = ['cart', 'pay', 'shop'];
  const names = ['GET /', 'charge', 'Überweisung'];
  const keys = ['size', 'user', 'paid', 'zone'];
  const values: AttributeValue[] = [
    'ann',
    'Anna',
    '500',
    '',
    'true',
    500n,
    1.5,
    -3n,
    2.25,
    true,
    false,
    [1n],
    null,
  ];
  const resources: Resource[] = services.map((name, n) => ({
    attributes: { 'service.name': name, zone: n === 0 ? 'ann' : BigInt(n), ...(n === 1 && { size: 500n }) },
    schemaUrl: '',
    droppedAttributes: 0,
  }));
  const span = fc.record({
    trace: fc.nat(59),
    // Traces reach over minutes; some spans start at the same time.
    offset: fc.oneof(
      fc.nat(90).map((n) => BigInt(n) * second),
      fc.bigInt(0n, 400n * second),
    ),
    duration: fc.oneof(fc.nat(3_000_000_000), fc.constantFrom(0, -1_000_000_000, 120_000_000_000)),
    resource: fc.constantFrom(...resources),
    name: fc.constantFrom(...names),
    kind: fc.constantFrom('server' as const, 'client' as const, 'internal' as const),
    status: fc.constantFrom('unset' as const, 'ok' as const, 'error' as const),
    statusMessage: fc.constantFrom('', 'timed out'),
    isRoot: fc.boolean(),
    attributes: fc.dictionary(fc.constantFrom(...keys), fc.constantFrom(...values), { maxKeys: 3 }),
  });
  const spans: Span[] = fc
    .sample(fc.array(span, { minLength: 400, maxLength: 400, size: 'max' }), { seed, numRuns: 1 })[0]!
    .map(({ trace, offset, isRoot, ...more }, n) => ({
      ...more,
      traceId: (trace + 1).toString(16).padStart(32, trace % 2 === 0 ? '0' : 'e') as TraceId,
      spanId: (n + 1).toString(16).padStart(16, '0') as SpanId,
      parentSpanId: isRoot ? undefined : ('000000000000ffff' as SpanId),
      start: unixNanos(zero + BigInt(trace % 20) * 45n * second + offset),
      traceState: '',
      flags: 0,
      events: [],
      links: [],
      droppedAttributes: 0,
      droppedEvents: 0,
      droppedLinks: 0,
      scope,
    }));
  const time = fc.bigInt(zero - 60n * second, zero + 1400n * second).map(unixNanos);
  const maybe = <T>(arbitrary: fc.Arbitrary<T>) =>
    fc.oneof({ weight: 8, arbitrary: fc.constant(undefined) }, { weight: 1, arbitrary });
  const condition = fc.record({
    scope: fc.constantFrom('span' as const, 'resource' as const, undefined, undefined),
    key: fc.constantFrom(...keys, 'service.name', 'absent'),
    op: fc.constantFrom(
      '=' as const,
      '!=' as const,
      '<' as const,
      '<=' as const,
      '>' as const,
      '>=' as const,
      'contains' as const,
      'exists' as const,
    ),
    value: fc.constantFrom('ann', 'AN', '500', 500, '1.5', 2, '-3', true, 'false', '', 'pay', '5e2'),
  });
  const query: fc.Arbitrary<TraceQuery> = fc
    .record({
      service: maybe(fc.constantFrom(...services, 'none')),
      operation: maybe(fc.constantFrom(...names)),
      kind: maybe(fc.constantFrom('server' as const, 'client' as const)),
      status: maybe(fc.constantFrom('ok' as const, 'error' as const)),
      conditions: fc.array(condition, { maxLength: 2 }),
      text: maybe(fc.constantFrom('an', 'ÜBER', 'TIMED', 'nowhere')),
      minDuration: maybe(fc.nat(2_000_000_000)),
      maxDuration: maybe(fc.nat(3_000_000_000)),
      minTraceDuration: maybe(fc.nat(400).map((n) => n * 1e9)),
      maxTraceDuration: maybe(fc.nat(400).map((n) => n * 1e9)),
      start: fc.oneof(fc.constant(unixNanos(0n)), time),
      end: fc.oneof(fc.constant(unixNanos(2n ** 63n - 1n)), time),
      sort: fc.constantFrom(
        'newest' as const,
        'newest' as const,
        'oldest' as const,
        'longest' as const,
        'shortest' as const,
        'most_spans' as const,
        'most_errors' as const,
      ),
      limit: fc.constantFrom(6, 20, 1000),
    })
    .map(({ start, end, ...more }) =>
      start < end ? { ...more, start, end } : { ...more, start: end, end: unixNanos(start + 1n) },
    );

  let test: TestStore;
  beforeAll(async () => {
    test = await openTestStore();
    // Spans of a trace come in several deliveries, some of which are received in other partitions.
    for (let n = 0; n < 8; n++)
      await test.write(
        spans.filter((_, i) => i % 8 === n),
        1_795_000_000 + n * 7 * 3600,
      );
  });
  afterAll(() => test.close());

  it('finds what looking at every span finds, in the same order, page by page', async () => {
    let found = 0;
    await fc.assert(
      fc.asyncProperty(query, async (asked) => {
        const pages = await allPages((page) => test.store.search(page), asked);
        found += pages.length;
        expect(pages.map(({ received, ...summary }) => (received > 0 ? summary : received))).toEqual(
          plainSearch(spans, asked),
        );
      }),
      { seed, numRuns: 50 },
    );
    expect(found).toBeGreaterThan(500);
  }, 240_000);

  it('compares integers that doubles cannot tell apart', async () => {
    const [large, larger] = [2n ** 63n - 2n, 2n ** 63n - 1n];
    await test.write(
      traceFromText('shop: count 0..1', { traceId: 'e'.repeat(32), start: unixNanos(zero) }).map((one) => ({
        ...one,
        attributes: { large: larger },
      })),
    );
    const matches = async (op: '=' | '<' | '>', value: bigint) => {
      const conditions = [{ key: 'large', op, value: String(value) }];
      const range = { start: unixNanos(0n), end: unixNanos(2n ** 63n - 1n) };
      return (await test.store.search({ conditions, ...range, sort: 'newest', limit: 5 })).traces.length;
    };
    expect(await matches('=', larger)).toBe(1);
    expect(await matches('=', large)).toBe(0);
    expect(await matches('>', large)).toBe(1);
    expect(await matches('<', larger)).toBe(0);
  });

  it('knows summaries of thousands of traces at once', async () => {
    const stored = [...new Set(spans.map(({ traceId }) => traceId))];
    const others = Array.from({ length: 40_000 }, (_, n) => n.toString(16).padStart(32, 'c') as TraceId);
    const found = await test.store.summaries([...others, ...stored], { conditions: [] });
    expect(found.map(({ traceId }) => traceId)).toEqual(stored);
  });

  it('refuses a cursor of another order, and what is none', async () => {
    const { nextCursor } = await test.store.search({ ...everything, limit: 1 });
    expect(nextCursor).toBeDefined();
    await expect(test.store.search({ ...everything, sort: 'longest', cursor: nextCursor })).rejects.toThrow(
      InvalidCursor,
    );
    await expect(test.store.search({ ...everything, cursor: 'bm90aGluZw' })).rejects.toThrow(InvalidCursor);
  });
});

describe('search while spans arrive', () => {
  let test: TestStore;
  const now = BigInt(Math.floor(Date.now() / 1000)) * second;
  const id = (n: number) => (n + 1).toString(16).padStart(32, '0');
  const traceAt = (n: number, start: bigint, text = 'shop: GET / server 0..10') =>
    traceFromText(text, { traceId: id(n), start: unixNanos(start) });
  beforeAll(async () => {
    test = await openTestStore();
  });
  afterAll(() => test.close());

  it('shows every trace once on its pages, whatever arrives between them', async () => {
    for (let n = 0; n < 30; n++) await test.write(traceAt(n, now - BigInt(n) * second));
    const seen: string[] = [];
    let cursor: string | undefined;
    for (let page = 0; page < 20; page++) {
      const { traces, nextCursor } = await test.store.search({
        ...everything,
        service: 'shop',
        limit: 4,
        cursor,
      });
      seen.push(...traces.map(({ traceId }) => traceId));
      // Newer traces, and a span that moves the start of a trace already shown behind the page.
      await test.write(traceAt(100 + page, now + BigInt(page + 1) * second));
      const late = traceAt(page * 4, now - BigInt(page * 4 + 6) * second, '\nshop: late 0..1');
      await test.write(late.map((span) => ({ ...span, spanId: '00000000000000ff' as SpanId })));
      cursor = nextCursor;
      if (cursor === undefined) break;
    }
    expect(cursor).toBeUndefined();
    expect(new Set(seen).size).toBe(seen.length);
    expect(seen.toSorted()).toEqual(Array.from({ length: 30 }, (_, n) => id(n)).toSorted());
  });
});
