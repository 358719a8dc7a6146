import { unixNanos } from '@throughline/model';
import { openTestStore, type TestStore } from '@throughline/store/testing';
import { traceFromText } from '@throughline/wire/testing';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { Statistics } from '../api/statistics-schemas.ts';
import { createApi } from '../create-api.ts';
import { serveApi, type ServedApi } from '../testing/serve-api.ts';

const text = `
shop: POST /order server 0..1700
  shop: reserve 10..1520
    stock: CheckStock server 15..1515
      stock: SELECT stock client 20..60 error
  pay: charge server 1600..1650`;

let test: TestStore;
let served: ServedApi;
let aborted: Promise<unknown>;

beforeAll(async () => {
  test = await openTestStore();
  const start = (n: number) => unixNanos(BigInt(Date.now() - 60_000 - n * 1_000) * 1_000_000n);
  for (let n = 0; n < 3; n++)
    await test.write(traceFromText(text, { traceId: `${n}`.padStart(32, 'a'), start: start(n) }));
  await test.write(traceFromText('mail: send 0..9', { traceId: 'b'.repeat(32), start: start(9) }));
  const api = createApi({
    store: new Proxy(test.store, {
      get(store, name) {
        if (name !== 'statistics') return Reflect.get(store, name).bind(store) as unknown;
        return async (...[query, options]: Parameters<typeof store.statistics>) => {
          if (query.service !== 'nobody') return store.statistics(query, options);
          aborted = new Promise((resolve) => options!.abort!.addEventListener('abort', resolve));
          return aborted;
        };
      },
    }),
    allowPurge: false,
    status: () => ({
      version: '1',
      uptime_s: 0,
      data_dir: '',
      listening: [],
      journal: [],
      engine: { kind: 'embedded', state: 'ready' },
    }),
    log: { warn: () => {}, error: () => {} },
  });
  served = await serveApi(api, { host: '127.0.0.1', port: 0 });
});
afterAll(async () => {
  await served?.close();
  await test?.close();
});

async function ask(parameters: string) {
  const response = await fetch(`${served.url}/throughline/v1/statistics?${parameters}`);
  return { status: response.status, body: (await response.json()) as Record<string, unknown> };
}

it('say where the time goes, by operation, of all spans of the traces that match', async () => {
  const { status, body } = await ask('service=pay&min_duration=1000');
  expect(status).toBe(200);
  expect(Statistics.strict().parse(body)).toEqual(body);
  expect(body).toMatchObject({ traces: 3, spans: 15, complete: true, self: 5100e6, count: 5 });
  const rows = body['rows'] as Record<string, unknown>[];
  expect(rows.map((row) => row['operation'])).toEqual([
    'CheckStock',
    'POST /order',
    'charge',
    'SELECT stock',
    'reserve',
  ]);
  expect(rows[0]).toEqual({
    service: 'stock',
    operation: 'CheckStock',
    spans: 3,
    errors: 0,
    p50: 1500e6,
    p95: 1500e6,
    max: 1500e6,
    total: 4500e6,
    self: 4380e6,
  });
});

it('group by service, and take so many traces as are asked for', async () => {
  const { body } = await ask('service=pay&group_by=service&limit=2&sort=oldest');
  expect(body).toMatchObject({ traces: 2, spans: 10, complete: false });
  expect(
    (body['rows'] as Record<string, unknown>[]).map((row) => [
      row['service'],
      row['spans'],
      row['operation'],
    ]),
  ).toEqual([
    ['stock', 4, undefined],
    ['shop', 4, undefined],
    ['pay', 2, undefined],
  ]);
});

it.each([
  ['group_by=host', 'group_by'],
  ['cursor=x', 'cursor'],
  ['limit=1001', 'limit'],
  ['min_duration=long', 'min_duration'],
  ['sevice=shop', 'sevice'],
])('are refused with %s', async (parameters, name) => {
  const { status, body } = await ask(parameters);
  expect(status).toBe(400);
  expect(body['errors']).toMatchObject([{ in: 'query', name }]);
});

it('are no longer computed once the client has gone away', async () => {
  const abort = new AbortController();
  const asked = fetch(`${served.url}/throughline/v1/statistics?service=nobody`, { signal: abort.signal });
  const gone = expect(asked).rejects.toThrow();
  await expect.poll(() => aborted !== undefined).toBe(true);
  abort.abort();
  await gone;
  await aborted;
});
