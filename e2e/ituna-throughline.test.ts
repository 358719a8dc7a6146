import type { Statistics, ServiceMap, SearchResult } from '@throughline/query/api';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Broker, kafka } from 'throughline-brokers';
import { orMissing } from 'throughline-brokers/testing';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { eventually } from './support/eventually.ts';
import { type Ini, Ituna } from './support/ituna.ts';
import { throughlineReceiver } from './support/throughline-receiver.ts';

let broker: Broker | undefined;
let missing: string;
let receiver: Awaited<ReturnType<typeof throughlineReceiver>>;
let ituna: Ituna | undefined;
let startedAt: string;

beforeAll(async () => {
  ({ broker, missing } = await orMissing(kafka));
  receiver = await throughlineReceiver();
}, 90_000);
beforeEach(({ skip }) => {
  if (!broker) return skip(missing);
  startedAt = String(BigInt(Date.now()) * 1_000_000n);
});
afterEach(async () => {
  await ituna?.stop();
  ituna = undefined;
});
afterAll(async () => {
  await receiver.close();
  await broker?.stop();
});

async function run(ini: Ini = {}, env: Record<string, string> = {}): Promise<Ituna> {
  ituna = await Ituna.prepare((broker as Broker).url, { ...receiver.environment, ...env }, ini);
  ituna.start();
  return ituna;
}

async function get<Body>(path: string, query: Record<string, string> = {}): Promise<Body> {
  const url = new URL(`/throughline/v1/${path}`, receiver.program.url('UI and API'));
  url.search = new URLSearchParams({ start: startedAt, ...query }).toString();
  const response = await fetch(url);
  if (!response.ok) throw new Error(`${url} answered ${response.status}: ${await response.text()}`);
  return (await response.json()) as Body;
}

const search = (query: Record<string, string>): Promise<SearchResult> => get<SearchResult>('traces', query);

describe('ituna in Throughline', { timeout: 60_000 }, () => {
  test('is found by the id of an order', async () => {
    const running = await run();
    await eventually(async () => running.log('Your order is ready').length > 0, 20_000);
    const [, orderId = ''] = /with id (\S+)/.exec(running.log('Placing an online order')[0] ?? '') ?? [];
    const conditions = JSON.stringify([{ key: 'order.id', op: '=', value: orderId }]);
    await eventually(async () => (await search({ conditions })).traces[0]?.spans === 6, 20_000);
    expect((await search({ conditions })).traces).toMatchObject([
      { root_service: 'website-ordering', root_operation: 'main-website-order', spans: 6, errors: 0 },
    ]);
  });

  test('shows the bottleneck in the statistics of a search', async () => {
    await run({ 'simulated-delays': { 'order-validation-inventory': 900 } });
    const query = { service: 'order-validation', operation: 'main-order-validation' };
    await eventually(async () => (await search(query)).traces.length >= 2, 30_000);
    const { rows } = await get<Statistics>('statistics', query);
    const validation = rows.filter(({ service }) => service === 'order-validation');
    const [slowest] = validation.toSorted((a, b) => b.self - a.self);
    expect(slowest?.operation).toBe('inventory_validation');
    expect(slowest?.p50).toBeGreaterThan(900e6);
    expect(validation.find(({ operation }) => operation === 'name_validation')?.p50).toBeLessThan(500e6);
  });

  test('is a map of five services around two topics', async () => {
    const { topics } = await run();
    const ways = async (): Promise<string[]> =>
      (await get<ServiceMap>('service-map')).edges
        .map(({ from, to }) => `${from} → ${to}`)
        .filter((way) => way.includes(topics.initial) || way.includes(topics.kitchen))
        .map((way) => way.replace(topics.initial, 'ituna-orders').replace(topics.kitchen, 'kitchen-orders'))
        .toSorted();
    await eventually(async () => (await ways()).length >= 6, 30_000);
    expect(await ways()).toEqual([
      'direct-kitchen-ordering → topic:kafka kitchen-orders',
      'onsite-ordering → topic:kafka ituna-orders',
      'order-validation → topic:kafka kitchen-orders',
      'topic:kafka ituna-orders → order-validation',
      'topic:kafka kitchen-orders → kitchen-service',
      'website-ordering → topic:kafka ituna-orders',
    ]);
  });

  test('is a map of one node as the original is', async () => {
    await run({ tracing: { 'service-names': 'one', kinds: 'internal' } });
    await eventually(async () => (await search({ service: 'ituna-tracing' })).traces.length >= 3, 30_000);
    const { nodes, edges } = await get<ServiceMap>('service-map', { service: 'ituna-tracing' });
    expect(nodes.map(({ name }) => name)).toEqual(['ituna-tracing']);
    expect(edges).toEqual([]);
  });

  test('loads the file that it writes its traces to', async () => {
    const file = join(receiver.program.dataDirectory, 'traces.jsonl');
    const running = await run({}, { ITUNA_TRACE_FILE: file });
    await eventually(async () => running.log('Your order is ready').length >= 3, 20_000);
    await running.stop();
    ituna = undefined;
    const url = new URL('/throughline/v1/import', receiver.program.url('UI and API'));
    const headers = { 'content-type': 'application/x-ndjson' };
    const response = await fetch(url, { method: 'POST', headers, body: readFileSync(file) });
    expect(response.status).toBe(200);
    expect(await response.json()).toMatchObject({ problems: [] });
    const placed = running.log('Placing').map((line) => / ([0-9a-f-]{36})$/.exec(line)?.[1]);
    for (const orderId of placed.slice(0, 3)) {
      const conditions = JSON.stringify([{ key: 'order.id', op: '=', value: orderId }]);
      await eventually(async () => (await search({ conditions })).traces.length === 1, 10_000);
    }
  });
});
