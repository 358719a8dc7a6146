import { unixNanos } from '@throughline/model';
import { traceFromText } from '@throughline/wire/testing';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { openTestStore, type TestStore } from '../../testing/open-test-store.ts';

let test: TestStore;
const start = unixNanos(1_800_000_000_000_000_000n);
const minute = 60_000_000_000n;

beforeAll(async () => {
  test = await openTestStore();
  await test.write(
    traceFromText(
      `
      shop: GET / server 0..100 error
        shop: render 10..20
        worker: tick 20..30
      shop: GET / server 61000..61200
      shop: POST / server 62000..62300`,
      { start },
    ),
  );
});
afterAll(() => test.close());

const query = { start, end: unixNanos(start + 3n * minute), byOperation: false, step: 60, limit: 10 };

it('counts of a service what it was asked, of one that nobody asks all its spans, step by step', async () => {
  const series = await test.store.red(query);
  expect(series.map(({ service, points }) => [service, ...points.map(({ calls }) => calls)])).toEqual([
    ['shop', 1, 2, 0],
    ['worker', 1, 0, 0],
  ]);
  const [shop] = series;
  expect(shop!.points.map(({ time, errors }) => [time - 1_800_000_000, errors])).toEqual([
    [0, 1],
    [60, 0],
    [120, 0],
  ]);
  expect(shop!.points[1]!.p95 / 300e6).toBeGreaterThan(0.8);
  expect(shop!.points[1]!.p95 / 300e6).toBeLessThan(1.2);
});

it('has a series for each operation, of one step where the step is long', async () => {
  const series = await test.store.red({ ...query, byOperation: true, service: 'shop', step: 300 });
  expect(series.map(({ operation, points }) => [operation, ...points.map(({ calls }) => calls)])).toEqual([
    ['GET /', 2],
    ['POST /', 1],
    ['render', 1],
  ]);
});
