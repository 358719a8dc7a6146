import { unixNanos, type LogRecord, type SpanId, type TraceId } from '@throughline/model';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openTestStore, type TestStore } from '../../testing/open-test-store.ts';
import type { LogOrder, LogQuery } from './log-query.ts';
import { searchLogs } from './log-search.ts';
import { InvalidCursor } from '../trace-query.ts';

const minute = 60_000_000_000n;
const start = unixNanos((1_795_000_000_000_000_000n / minute) * minute);
const [traceId, otherTrace] = ['a', 'b'].map((digit) => digit.repeat(32) as TraceId) as [TraceId, TraceId];
const spanId = '00000000000000aa' as SpanId;

const resources = new Map(
  ['shop', 'pay'].map((service) => [
    service,
    {
      attributes: { 'service.name': service, 'host.name': `${service}-1` },
      schemaUrl: '',
      droppedAttributes: 0,
    },
  ]),
);
const scope = { name: 'logger', version: '', attributes: {}, schemaUrl: '', droppedAttributes: 0 };

/** A record so many nanoseconds after the start. */
function record(
  at: bigint,
  body: LogRecord['body'],
  more: Partial<LogRecord> & { service?: string } = {},
): LogRecord {
  const { service = 'shop', ...rest } = more;
  return {
    time: unixNanos(start + at),
    observedTime: unixNanos(start + at),
    traceId: undefined,
    spanId: undefined,
    flags: 0,
    severity: 9,
    severityText: 'INFO',
    eventName: '',
    body,
    attributes: {},
    droppedAttributes: 0,
    resource: resources.get(service)!,
    scope,
    ...rest,
  };
}

const records = [
  record(0n, 'starting up'),
  record(1n * minute, 'cart of Ann', { traceId, spanId, attributes: { user: 'ann', items: 3n } }),
  record(1n * minute + 5n, 'charged', { service: 'pay', traceId, severity: 9 }),
  record(2n * minute, 'card refused', {
    service: 'pay',
    traceId: otherTrace,
    severity: 17,
    severityText: 'ERROR',
  }),
  record(3n * minute, { message: 'Structured Words', code: 7n }, { severity: 13, severityText: 'WARN' }),
  record(90n * minute, 'only words', { severity: 0, severityText: 'Error' }),
  record(1000n * minute, null, { eventName: 'device.lost', severity: 21, severityText: 'FATAL' }),
];
const never = unixNanos(2n ** 63n - 1n);

let test: TestStore;
beforeAll(async () => {
  test = await openTestStore();
  await test.writeLogs(records.slice(4));
  await test.writeLogs(records.slice(0, 4));
});
afterAll(() => test.close());

function query(part: Partial<LogQuery> = {}): LogQuery {
  return { start: unixNanos(0n), end: never, conditions: [], order: 'newest', limit: 100, ...part };
}

const text = ({ body, eventName }: LogRecord) =>
  typeof body === 'string'
    ? body || eventName
    : JSON.stringify(body, (_, v) => (v === 7n ? 7 : (v as unknown)));
async function texts(part: Partial<LogQuery> = {}): Promise<string[]> {
  return (await test.store.searchLogs(query(part))).logs.map((log) => text(log.record));
}

/** All pages of so many records, one after the other. */
async function pages(part: Partial<LogQuery>, limit: number): Promise<string[][]> {
  const all: string[][] = [];
  for (let cursor: string | undefined; ;) {
    const page = await test.store.searchLogs(query({ ...part, limit, cursor }));
    all.push(page.logs.map((log) => text(log.record)));
    cursor = page.nextCursor;
    if (cursor === undefined) return all;
  }
}

const newestFirst = [
  'device.lost',
  'only words',
  '{"message":"Structured Words","code":7}',
  'card refused',
  'charged',
  'cart of Ann',
  'starting up',
];

describe('a list of log records', () => {
  it('has those of all traces and of none, the newest first or the oldest', async () => {
    expect(await texts()).toEqual(newestFirst);
    expect(await texts({ order: 'oldest' })).toEqual(newestFirst.toReversed());
  });

  it('gives them whole', async () => {
    const { logs } = await test.store.searchLogs(query({ text: 'cart' }));
    expect(logs.map((log) => log.record)).toEqual([records[1]]);
  });

  it.each([
    [{ service: 'pay' }, ['card refused', 'charged']],
    [{ minSeverity: 17 }, ['device.lost', 'only words', 'card refused']],
    [
      { minSeverity: 13 },
      ['device.lost', 'only words', '{"message":"Structured Words","code":7}', 'card refused'],
    ],
    [{ text: 'CARD' }, ['card refused']],
    [{ text: 'structured w' }, ['{"message":"Structured Words","code":7}']],
    [{ text: 'device' }, ['device.lost']],
    [{ traceId }, ['charged', 'cart of Ann']],
    [{ traceId, spanId }, ['cart of Ann']],
    [{ conditions: [{ key: 'user', op: '=', value: 'ann' }] }, ['cart of Ann']],
    [{ conditions: [{ key: 'items', op: '>', value: 2 }] }, ['cart of Ann']],
    [{ conditions: [{ key: 'host.name', op: '=', value: 'pay-1' }] }, ['card refused', 'charged']],
    [{ conditions: [{ scope: 'span', key: 'host.name', op: 'exists' }] }, []],
    [
      { start: unixNanos(start + 2n * minute), end: unixNanos(start + 90n * minute) },
      ['{"message":"Structured Words","code":7}', 'card refused'],
    ],
    [{ start: unixNanos(start + minute + 1n), end: unixNanos(start + minute + 6n) }, ['charged']],
    [{ start: unixNanos(start + 5000n * minute) }, []],
    [{ end: start }, []],
  ] as [Partial<LogQuery>, string[]][])('has with %o only what is asked for', async (part, expected) => {
    expect(await texts(part)).toEqual(expected);
    expect(await texts({ ...part, order: 'oldest' })).toEqual(expected.toReversed());
  });

  it.each(['newest', 'oldest'] as LogOrder[])(
    'has every record once, page by page, %s first',
    async (order) => {
      for (const limit of [1, 2, 3]) {
        const all = await pages({ order }, limit);
        expect(all.flat()).toEqual(order === 'newest' ? newestFirst : newestFirst.toReversed());
        expect(all.slice(0, -1).map((page) => page.length)).toEqual(all.slice(0, -1).map(() => limit));
      }
    },
  );

  it('goes on where time ran out, with pages that may be empty', async () => {
    const end = unixNanos(start + 6n * minute);
    const expected = newestFirst.slice(2);
    for (const order of ['newest', 'oldest'] as const) {
      const all: string[] = [];
      const edges: bigint[] = [];
      for (let cursor: string | undefined; ;) {
        const page = await searchLogs(test.engine, query({ order, cursor, end }), {}, 0);
        all.push(...page.logs.map((log) => text(log.record)));
        cursor = page.nextCursor;
        if (cursor === undefined) break;
        edges.push(page.searchedTo!);
      }
      expect(all).toEqual(order === 'newest' ? expected : expected.toReversed());
      expect(edges.length).toBeGreaterThan(3);
      expect(edges.map((edge) => Number(edge - start))).toEqual(
        edges.map((edge) => Number(edge - start)).sort((a, b) => (order === 'newest' ? b - a : a - b)),
      );
    }
  });

  it('refuses a cursor that it did not give, or for the other order', async () => {
    const { nextCursor } = await test.store.searchLogs(query({ limit: 1 }));
    for (const part of [{ cursor: 'nonsense' }, { cursor: nextCursor, order: 'oldest' as const }])
      await expect(test.store.searchLogs(query(part))).rejects.toThrow(InvalidCursor);
  });

  it('counts the records of services', async () => {
    expect(await test.store.logServices({})).toEqual([
      { name: 'pay', logs: 2, errors: 1 },
      { name: 'shop', logs: 5, errors: 2 },
    ]);
  });
});

describe('many records of one time', () => {
  let crowd: TestStore;
  const time = 7n * minute;
  beforeAll(async () => {
    crowd = await openTestStore();
    const different = Array.from({ length: 40 }, (_, n) => record(time, `line ${n % 30}`));
    await crowd.writeLogs([record(time - 1n, 'before'), ...different.slice(0, 20)]);
    await crowd.writeLogs([...different.slice(20), record(time + 1n, 'after')]);
  });
  afterAll(() => crowd.close());

  it.each(['newest', 'oldest'] as LogOrder[])(
    'are given once each, also equal ones, %s first',
    async (order) => {
      for (const limit of [1, 3, 7, 41]) {
        const all: string[] = [];
        let cursor: string | undefined;
        do {
          const page = await crowd.store.searchLogs(query({ order, limit, cursor }));
          all.push(...page.logs.map((log) => text(log.record)));
          cursor = page.nextCursor;
        } while (cursor !== undefined);
        expect(all).toHaveLength(42);
        expect([all[0], all[41]]).toEqual(order === 'newest' ? ['after', 'before'] : ['before', 'after']);
        const expected = ['before', 'after', ...Array.from({ length: 40 }, (_, n) => `line ${n % 30}`)];
        expect(all.toSorted()).toEqual(expected.toSorted());
      }
    },
  );
});

it('takes the time of receipt for that of a record without any', async () => {
  const one = await openTestStore();
  try {
    const nowhere = unixNanos(0n);
    await one.writeLogs([record(0n, 'timeless', { time: nowhere, observedTime: nowhere })], 1_795_000_123);
    const { logs } = await one.store.searchLogs(query({ start }));
    expect(logs.map((log) => [text(log.record), log.record.time])).toEqual([
      ['timeless', 1_795_000_123_000_000_000n],
    ]);
  } finally {
    await one.close();
  }
});
