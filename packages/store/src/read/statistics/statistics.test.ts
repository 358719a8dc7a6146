import {
  serviceOf,
  unixNanos,
  type Span,
  type SpanId,
  type TraceId,
  type UnixNanos,
} from '@throughline/model';
import { traceFromText } from '@throughline/wire/testing';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openTestStore, type TestStore } from '../../testing/open-test-store.ts';
import { plainSearch } from '../search/plain-search.test-kit.ts';
import type { StatisticsQuery, StatisticsRow } from './statistics-query.ts';

const seed = 20_261_120;
const second = 1_000_000_000n;
const zero = 1_795_000_000n * second;
const everything: StatisticsQuery = {
  conditions: [],
  start: unixNanos(0n),
  end: unixNanos(2n ** 63n - 1n),
  sort: 'newest',
  limit: 1000,
  by: 'operation',
};

let test: TestStore;
beforeAll(async () => {
  test = await openTestStore();
});
afterAll(() => test.close());

/** In milliseconds, one row a line: `2x pay charge 45 self 30, p50 20 p95 25 max 25`. */
function printed(rows: readonly StatisticsRow[]): string {
  const ms = (nanos: number) => Number((nanos / 1e6).toFixed(3));
  return rows
    .map(
      ({ service, operation, spans, errors, p50, p95, max, total, self }) =>
        `${spans}x ${service}${operation === undefined ? '' : ` ${operation}`} ${ms(total)} self ${ms(self)}` +
        `, p50 ${ms(p50)} p95 ${ms(p95)} max ${ms(max)}${errors > 0 ? `, ${errors} errors` : ''}`,
    )
    .join('\n');
}

describe('statistics', () => {
  it('find the bottleneck: the operation with most time of its own, however long those above it last', async () => {
    const order = (n: number, inventoryMs: number) =>
      traceFromText(
        `
shop: POST /checkout server 0..${inventoryMs + 220}
  shop: order-validation-inventory 10..${inventoryMs + 20}
    stock: CheckStock server 15..${inventoryMs + 15}
      stock: SELECT stock client 20..50
      stock: SELECT stock client 40..60 error
  shop: orders publish producer ${inventoryMs + 30}..${inventoryMs + 40}
    kitchen: orders process consumer ${inventoryMs + 400}..${inventoryMs + 500}`,
        { traceId: (0xa0 + n).toString(16).padStart(32, 'a'), start: unixNanos(zero + BigInt(n) * second) },
      );
    for (const [n, ms] of [1500, 1500, 1520, 1480].entries()) await test.write(order(n, ms));
    const { rows, ...rest } = await test.store.statistics({ ...everything, service: 'kitchen' });
    expect(printed(rows)).toBe(
      `4x stock CheckStock 6000 self 5840, p50 1500 p95 1517 max 1520
4x shop POST /checkout 6880 self 800, p50 1720 p95 1737 max 1740
4x kitchen orders process 400 self 400, p50 100 p95 100 max 100
8x stock SELECT stock 200 self 200, p50 25 p95 30 max 30, 4 errors
4x shop order-validation-inventory 6040 self 40, p50 1510 p95 1527 max 1530
4x shop orders publish 40 self 40, p50 10 p95 10 max 10`,
    );
    expect(rest).toEqual({ traces: 4, spans: 28, complete: true, self: 7320e6, count: 6 });
    const services = await test.store.statistics({ ...everything, service: 'kitchen', by: 'service' });
    expect(printed(services.rows).split(',')[0]).toBe('12x stock 6200 self 6040');
  });

  it('are of the first traces in the order that is asked for, and say whether there are more', async () => {
    const newest = await test.store.statistics({ ...everything, service: 'kitchen', limit: 1 });
    expect([newest.traces, newest.complete, newest.rows[0]!.max]).toEqual([1, false, 1480e6]);
    const longest = await test.store.statistics({
      ...everything,
      service: 'kitchen',
      sort: 'longest',
      limit: 2,
    });
    expect([longest.traces, longest.rows[0]!.max]).toEqual([2, 1520e6]);
  });

  it('are empty where nothing matches', async () => {
    expect(await test.store.statistics({ ...everything, service: 'nobody' })).toEqual({
      traces: 0,
      spans: 0,
      complete: true,
      self: 0,
      count: 0,
      rows: [],
    });
  });

  it('end when whoever asked goes away', async () => {
    await expect(test.store.statistics(everything, { abort: AbortSignal.abort() })).rejects.toThrow();
  });
});

describe('statistics of any traces', () => {
  const services = ['shop', 'pay', 'mail'];
  const drawn = fc.record({
    trace: fc.nat(30),
    offset: fc.nat(60).map((n) => BigInt(n) * 1_000_000n),
    duration: fc.integer({ min: -3, max: 50 }).map((n) => n * 1_000_000),
    service: fc.constantFrom(...services),
    name: fc.constantFrom('GET', 'SELECT', 'send'),
    status: fc.constantFrom('unset' as const, 'error' as const),
    // Any earlier span of the trace, one that is not stored, or itself.
    parent: fc.oneof({ weight: 8, arbitrary: fc.nat(40) }, { weight: 1, arbitrary: fc.constantFrom(-1, -2) }),
    // Some have the id of another.
    twin: fc.nat(12),
  });
  const spans: Span[] = fc
    .sample(fc.array(drawn, { minLength: 600, maxLength: 600, size: 'max' }), { seed, numRuns: 1 })[0]!
    .reduce<Span[]>((before, { trace, offset, duration, service, name, status, parent, twin }, n) => {
      const traceId = (trace + 1).toString(16).padStart(32, '0') as TraceId;
      const others = before.filter((span) => span.traceId === traceId);
      const own = (n + 1).toString(16).padStart(16, '0') as SpanId;
      const [drawnSpan] = traceFromText(`${service}: ${name} 0..1`, {
        traceId,
        // No two begin at the same time, so that it is certain which of two with an id is the first.
        start: unixNanos(zero + 3600n * second + BigInt(trace) * second + offset + BigInt(n)),
      });
      const spanId = twin === 0 ? (others[parent % (others.length || 1)]?.spanId ?? own) : own;
      const above = parent === -1 ? spanId : ('00000000ffffffff' as SpanId);
      const parentSpanId = parent < 0 ? above : others[parent % (others.length + 1)]?.spanId;
      return [...before, { ...drawnSpan!, spanId, parentSpanId, duration, status }];
    }, []);

  beforeAll(async () => {
    for (let n = 0; n < 5; n++)
      await test.write(
        spans.filter((_, i) => i % 5 === n),
        1_795_000_000 + n * 7 * 3600,
      );
  });

  it('are what looking at every span gives', async () => {
    const start: UnixNanos = unixNanos(zero + 3600n * second);
    const query = fc.record({
      service: fc.option(fc.constantFrom(...services), { nil: undefined }),
      status: fc.option(fc.constant('error' as const), { nil: undefined }),
      minDuration: fc.option(fc.constant(45e6), { nil: undefined }),
      sort: fc.constantFrom('newest' as const, 'longest' as const, 'most_errors' as const),
      limit: fc.constantFrom(1, 5, 100),
      by: fc.constantFrom('operation' as const, 'service' as const),
    });
    let found = 0;
    await fc.assert(
      fc.asyncProperty(query, async (part) => {
        const asked = { ...everything, start, ...part };
        const answer = await test.store.statistics(asked);
        expect(answer).toEqual(plainStatistics(spans, asked));
        found += answer.rows.length;
      }),
      { seed, numRuns: 40 },
    );
    expect(found).toBeGreaterThan(150);
  }, 120_000);
});

/** The slow twin: looks at every nanosecond-exact interval of every child, one after the other. */
function plainStatistics(spans: readonly Span[], query: StatisticsQuery) {
  const found = plainSearch(spans, query);
  const ids = new Set(found.slice(0, query.limit).map(({ traceId }) => traceId));
  const all = spans.filter(({ traceId }) => ids.has(traceId)).toSorted((a, b) => Number(a.start - b.start));
  const rows = new Map<string, { row: StatisticsRow; durations: number[] }>();
  for (const span of all) {
    const service = serviceOf(span.resource);
    const key = query.by === 'operation' ? `${service} ${span.name}` : service;
    const before = rows.get(key);
    const durations = [...(before?.durations ?? []), Math.max(0, span.duration)].sort((a, b) => a - b);
    rows.set(key, {
      durations,
      row: {
        service,
        ...(query.by === 'operation' && { operation: span.name }),
        spans: durations.length,
        errors: (before?.row.errors ?? 0) + (span.status === 'error' ? 1 : 0),
        p50: between(durations, 0.5),
        p95: between(durations, 0.95),
        max: durations.at(-1)!,
        total: durations.reduce((sum, each) => sum + each, 0),
        self: (before?.row.self ?? 0) + Math.max(0, span.duration) - covered(span, all),
      },
    });
  }
  const sorted = [...rows.entries()].sort(([a, x], [b, y]) => y.row.self - x.row.self || (a < b ? -1 : 1));
  return {
    traces: ids.size,
    spans: all.length,
    complete: found.length <= query.limit,
    self: sorted.reduce((sum, [, { row }]) => sum + row.self, 0),
    count: sorted.length,
    rows: sorted.map(([, { row }]) => row),
  };
}

function between(sorted: readonly number[], q: number): number {
  const at = q * (sorted.length - 1);
  const [low, high] = [sorted[Math.floor(at)]!, sorted[Math.ceil(at)]!];
  return expect.closeTo(low + (high - low) * (at % 1), 3) as number;
}

/** How much of the span its children cover: by cutting it at all their ends and looking at each piece. */
function covered(span: Span, all: readonly Span[]): number {
  const first = all.find(({ traceId, spanId }) => traceId === span.traceId && spanId === span.spanId);
  if (first !== span) return 0;
  const ends = (each: Span) => [
    Number(each.start - zero),
    Number(each.start - zero) + Math.max(0, each.duration),
  ];
  const [from, to] = ends(span) as [number, number];
  const children = all
    .filter(
      (each) =>
        each.traceId === span.traceId && each.parentSpanId === span.spanId && each.spanId !== span.spanId,
    )
    .map((each) => ends(each) as [number, number]);
  const cuts = [from, to, ...children.flat()].filter((at) => at >= from && at <= to).sort((a, b) => a - b);
  return cuts.slice(1).reduce((sum, end, n) => {
    const begin = cuts[n]!;
    return sum + (children.some(([a, b]) => a <= begin && b >= end) ? end - begin : 0);
  }, 0);
}
