import { unixNanos, type Span } from '@throughline/model';
import { traceFromText } from '@throughline/wire/testing';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { migrate } from '../../schema/migrate.ts';
import { migrations } from '../../schema/migrations.ts';
import { openTestStore, type TestStore } from '../../testing/open-test-store.ts';
import type { ServiceMap } from '../trace-store.ts';

let test: TestStore;
beforeAll(async () => {
  test = await openTestStore();
});
afterAll(() => test.close());
afterEach(() => test.store.purge());

const orders = 'messaging.system=kafka messaging.destination.name=orders';
const minute = 60_000_000_000n;
const start = unixNanos(1_800_000_000_000_000_000n);
let traces = 0;

function drawn(text: string, change = (spans: Span[]): Span[] => spans): Span[] {
  const traceId = (++traces * 7_654_321).toString(16).padStart(32, 'c');
  return change(traceFromText(text, { traceId, start }));
}

/** Nodes and edges as lines, without times. */
function lines({ nodes, edges }: ServiceMap): string[] {
  return [
    ...nodes.map(({ id, calls, errors }) => `${id}: ${calls}${errors > 0 ? `, ${errors} failed` : ''}`),
    ...edges.map(
      ({ from, to, kind, calls, errors }) =>
        `${from} -${kind}> ${to}: ${calls}${errors > 0 ? `, ${errors} failed` : ''}`,
    ),
  ];
}

describe('the service map', () => {
  it('has services with what they were asked, topics, databases and peers, and who calls whom', async () => {
    await test.write(
      drawn(`
        shop: GET / server 0..100 error
          shop: SELECT client 10..30 db.system.name=postgresql db.namespace=shop
          shop: GET client 30..40 error server.address=api.example.com server.port=443
          shop: GET client 40..50 server.address=pay server.port=8080
            pay: GET server 41..49
          shop: send orders producer 50..60 ${orders}
            mail: process orders consumer 100..130 ${orders}`),
    );
    const map = await test.store.serviceMap({});
    expect(lines(map)).toEqual([
      'database:postgresql shop: 1',
      'external:api.example.com: 1, 1 failed',
      'mail: 1',
      'pay: 1',
      'shop: 1, 1 failed',
      'topic:kafka orders: 1',
      'shop -call> database:postgresql shop: 1',
      'shop -call> external:api.example.com: 1, 1 failed',
      'shop -call> pay: 1',
      'shop -publish> topic:kafka orders: 1',
      'topic:kafka orders -consume> mail: 1',
    ]);
    const [database, , , , shop, topic] = map.nodes;
    expect(database).toMatchObject({ kind: 'database', name: 'shop', system: 'postgresql' });
    expect(topic).toMatchObject({ kind: 'topic', name: 'orders', system: 'kafka' });
    expect(shop!.p95).toBeGreaterThan(80e6);
    const lag = map.edges.find(({ kind }) => kind === 'consume')!.lagP95!;
    expect(lag / 40e6).toBeGreaterThan(0.8);
    expect(lag / 40e6).toBeLessThan(1.2);
  });

  it('takes calls to a peer back when spans that answered them come later', async () => {
    const spans = drawn(`
      shop: GET client 0..10 server.address=pay
        pay: GET server 1..9`);
    await test.write([spans[0]!]);
    expect(lines(await test.store.serviceMap({}))).toContain('shop -call> external:pay: 1');
    await test.write([spans[1]!]);
    expect(lines(await test.store.serviceMap({}))).toEqual(['pay: 1', 'shop: 1', 'shop -call> pay: 1']);
  });

  it('takes calls that a known service did not answer for calls to it', async () => {
    await test.write(
      drawn(`
        shop: GET client 0..10 error server.address=pay.local
        shop: GET client 20..30 server.address=pay.local
          pay: GET server 21..29
        shop: GET client 40..50 peer.service=cart
        cart: GET server 60..70`),
    );
    expect(lines(await test.store.serviceMap({}))).toEqual([
      'cart: 1',
      'pay: 1',
      'shop: 3, 1 failed',
      'shop -call> cart: 1',
      'shop -call> pay: 2, 1 failed',
    ]);
  });

  it('keeps a peer that stands before several services, for what none of them answered', async () => {
    await test.write(
      drawn(`
        shop: GET client 0..10 server.address=proxy
          pay: GET server 1..9
        shop: GET client 20..30 server.address=proxy
          cart: GET server 21..29
        shop: GET client 40..50 error server.address=proxy`),
    );
    expect(lines(await test.store.serviceMap({})).filter((line) => line.includes('>'))).toEqual([
      'shop -call> cart: 1',
      'shop -call> external:proxy: 1, 1 failed',
      'shop -call> pay: 1',
    ]);
  });

  it('draws an edge between services whose spans have no kinds, and one through each topic', async () => {
    await test.write(
      drawn(`
        website: main-website-order 0..20
          validation: main-order-validation 30..40
          kitchen: main-kitchen 50..60`),
    );
    expect(lines(await test.store.serviceMap({})).filter((line) => line.includes('>'))).toEqual([
      'website -call> kitchen: 1',
      'website -call> validation: 1',
    ]);
  });

  it('believes a producer more than what a consumer hangs below', async () => {
    const kitchen = 'messaging.system=kafka messaging.destination.name=kitchen';
    await test.write(
      drawn(`
        website: order 0..20
          website: send producer 10..20 ${orders}
          validation: process consumer 30..40 ${orders}
            validation: send producer 35..40 ${kitchen}
          kitchen: process consumer 50..60 ${kitchen}`),
    );
    expect(lines(await test.store.serviceMap({})).filter((line) => line.includes('>'))).toEqual([
      'topic:kafka kitchen -consume> kitchen: 1',
      'topic:kafka orders -consume> validation: 1',
      'validation -publish> topic:kafka kitchen: 1',
      'website -publish> topic:kafka orders: 1',
    ]);
    await test.store.purge();
    await test.write(
      drawn(`
        website: order 0..20
          kitchen: process consumer 50..60 ${kitchen}`),
    );
    expect(lines(await test.store.serviceMap({})).filter((line) => line.includes('>'))).toEqual([
      'topic:kafka kitchen -consume> kitchen: 1',
      'website -publish> topic:kafka kitchen: 1',
    ]);
  });

  it('counts what is processed instead of what is received, and what is created instead of what is sent', async () => {
    const type = 'messaging.operation.type';
    await test.write(
      drawn(`
        shop: create producer 0..1 ${orders} ${type}=create
        shop: send client 1..2 ${orders} ${type}=send
        mail: receive client 10..11 ${orders} ${type}=receive
        mail: process consumer 11..12 ${orders} ${type}=process
        mail: process consumer 12..13 ${orders} ${type}=process
        log: receive consumer 10..11 ${orders} ${type}=receive`),
    );
    expect(lines(await test.store.serviceMap({})).filter((line) => line.includes('>'))).toEqual([
      'shop -publish> topic:kafka orders: 1',
      'topic:kafka orders -consume> log: 1',
      'topic:kafka orders -consume> mail: 2',
    ]);
  });

  it('is of the minutes of the range, with services of which only a call is in it', async () => {
    const spans = drawn(`
      shop: GET server 0..90000
        pay: GET server 61000..62000`);
    await test.write(spans);
    const at = (n: bigint) => unixNanos(start + n * minute);
    expect(lines(await test.store.serviceMap({ start: at(1n), end: at(2n) }))).toEqual([
      'pay: 1',
      'shop: 0',
      'shop -call> pay: 1',
    ]);
    expect(lines(await test.store.serviceMap({ start: at(-9n), end: unixNanos(at(1n) - 1_000n) }))).toEqual([
      'shop: 1',
    ]);
  });

  it('around a node has what it has to do with, through topics too', async () => {
    await test.write(
      drawn(`
        web: GET server 0..99
          shop: GET server 1..98
            shop: send producer 2..3 ${orders}
              mail: process consumer 4..5 ${orders}
                mail: GET client 4..5 server.address=smtp
            pay: GET server 10..20
              bank: GET server 11..19`),
    );
    const edges = async (focus: string) =>
      lines(await test.store.serviceMap({ focus })).filter((line) => line.includes('>'));
    expect(await edges('shop')).toEqual([
      'shop -call> pay: 1',
      'shop -publish> topic:kafka orders: 1',
      'topic:kafka orders -consume> mail: 1',
      'web -call> shop: 1',
    ]);
    expect(await edges('mail')).toEqual([
      'mail -call> external:smtp: 1',
      'shop -publish> topic:kafka orders: 1',
      'topic:kafka orders -consume> mail: 1',
    ]);
    expect(await edges('topic:kafka orders')).toEqual([
      'shop -publish> topic:kafka orders: 1',
      'topic:kafka orders -consume> mail: 1',
    ]);
    expect(await test.store.serviceMap({ focus: 'nobody' })).toEqual({ nodes: [], edges: [] });
  });

  it('tells a service from a topic of the same name, and draws two hundred peers at most', async () => {
    await test.write([
      ...drawn(
        `
        topic:kafka orders: GET server 0..9
        shop: send producer 2..3 ${orders}`.replace('topic:kafka', 'topic;kafka'),
      ).map((span) =>
        span.name === 'GET'
          ? { ...span, resource: { ...span.resource, attributes: { 'service.name': 'topic:kafka orders' } } }
          : span,
      ),
      ...Array.from(
        { length: 300 },
        (_, n) => drawn(`shop: GET client 0..1 server.address=host-${String(n).padStart(3, '0')}`)[0]!,
      ),
    ]);
    const { nodes } = await test.store.serviceMap({});
    expect(nodes.filter(({ name }) => name.includes('orders')).map(({ id, kind }) => [id, kind])).toEqual([
      ['service:topic:kafka orders', 'service'],
      ['topic:kafka orders', 'topic'],
    ]);
    const peers = nodes.filter(({ kind }) => kind === 'external');
    expect(peers).toHaveLength(201);
    expect(peers.find(({ name }) => name === '(other)')!.calls).toBe(100);
  });
});

it('reads edges that were stored before they had kinds', async () => {
  const old = await openTestStore();
  await old.engine.command('DROP TABLE edges');
  await old.engine.command(migrations[0]!.find((sql) => sql.includes('TABLE edges'))!);
  await old.engine.command(
    `INSERT INTO edges VALUES (30000000, 'shop', 'pay', now(), 3, 1, ([100], [3])), (30000000, 'pay', 'bank', now(), 1, 0, ([90], [1]))`,
  );
  await old.engine.command('TRUNCATE TABLE schema_versions');
  await old.engine.command('INSERT INTO schema_versions (version) VALUES (1)');
  await migrate(old.engine);
  await old.write(drawn('\n shop: GET 0..9\n   pay: GET 1..2'));
  await old.engine.command('OPTIMIZE TABLE edges FINAL');
  expect(lines(await old.store.serviceMap({})).filter((line) => line.includes('>'))).toEqual([
    'pay -call> bank: 1',
    'shop -call> pay: 4, 1 failed',
  ]);
  await old.close();
});
