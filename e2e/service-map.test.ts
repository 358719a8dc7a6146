import type { ServiceMap } from '@throughline/query/api';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { eventually } from './support/eventually.ts';
import { drawnTrace, sendSpans, shopOrder } from './support/map-traces.ts';
import { Throughline } from './support/throughline.ts';
import { untilStored } from './support/traces.ts';

let program: Throughline;

beforeAll(async () => {
  program = await Throughline.start();
});
afterAll(() => program?.stop());

const minuteAgo = Date.now() - 60_000;

async function get(parameters: Record<string, string> = {}): Promise<ServiceMap> {
  const url = `${program.url('UI and API')}/throughline/v1/service-map?${new URLSearchParams(parameters)}`;
  return (await (await fetch(url)).json()) as ServiceMap;
}

function ways({ edges }: ServiceMap): string[] {
  return edges.map(({ from, to, kind, calls }) => `${from} -${kind}> ${to} ${calls}`);
}

test('the map is the same however the spans arrive: each in a request of its own, the last first', async () => {
  const spans = drawnTrace(shopOrder(true), minuteAgo);
  for (const span of spans.toReversed()) await sendSpans(program.url('OTLP/HTTP'), [span]);
  await untilStored(program.url('UI and API'), spans.length);
  await eventually(async () => (await get()).edges.length === 14);
  const map = await get();
  expect(ways(map)).toEqual([
    'catalogue -call> database:postgresql products 1',
    'catalogue -call> database:redis cache 1',
    'frontend -call> catalogue 1',
    'frontend -call> payment 1',
    'frontend -publish> topic:kafka orders 1',
    'mail -call> external:smtp.example:587 1',
    'payment -call> database:postgresql payments 1',
    'payment -call> external:api.bank.example 1',
    'topic:kafka orders -consume> billing 1',
    'topic:kafka orders -consume> warehouse 1',
    'topic:nats mails -consume> mail 1',
    'warehouse -call> database:postgresql stock 1',
    'warehouse -publish> topic:nats mails 1',
    'web -call> frontend 1',
  ]);
  const failed = map.edges.filter(({ errors }) => errors > 0).map(({ to, error_rate }) => [to, error_rate]);
  expect(failed).toEqual([
    ['payment', 1],
    ['external:api.bank.example', 1],
    ['frontend', 1],
  ]);
  const charge = map.edges.find(({ to }) => to === 'payment')!;
  expect(charge.rate * map.seconds).toBeCloseTo(1);
  expect(charge.p95 / 106e6).toBeGreaterThan(0.8);
  expect(charge.p95 / 106e6).toBeLessThan(1.2);
  const wait = map.edges.find(({ to }) => to === 'warehouse')!.lag_p95!;
  expect(wait / 135e6).toBeGreaterThan(0.8);
  expect(wait / 135e6).toBeLessThan(1.2);
});

test('the map of a time has what began in it, and that around a service what it has to do with', async () => {
  const before = { start: '0', end: `${(minuteAgo - 600_000) * 1e6}` };
  expect(await get(before)).toMatchObject({ nodes: [], edges: [] });
  const around = await get({ service: 'warehouse' });
  expect(around.nodes.map(({ id }) => id)).toEqual([
    'database:postgresql stock',
    'frontend',
    'mail',
    'topic:kafka orders',
    'topic:nats mails',
    'warehouse',
  ]);
});

test('spans without kinds make edges too', async () => {
  const [parent, child] = drawnTrace('gateway: call 0..10\n  backend: answer 1..9', minuteAgo);
  await sendSpans(program.url('OTLP/HTTP'), [child!]);
  await sendSpans(program.url('OTLP/HTTP'), [parent!]);
  await eventually(async () => ways(await get({ service: 'backend' })).join() === 'gateway -call> backend 1');
});
