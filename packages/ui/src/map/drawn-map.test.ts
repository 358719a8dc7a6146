import type { MapEdge, MapNode } from '@throughline/query/api';
import { describe as group, expect, it } from 'vitest';
import { alarm, describe, drawnMap, timeOf, whatItIs, widthOf } from './drawn-map.ts';
import { tracesOfEdge, tracesOfNode } from './trace-links.ts';

const sums = { calls: 10, errors: 0, rate: 2, error_rate: 0, p50: 1e6, p95: 5e6 };
const node = (id: string, more: Partial<MapNode> = {}): MapNode => ({
  id,
  kind: 'service',
  name: id,
  ...sums,
  ...more,
});
const edge = (from: string, to: string, more: Partial<MapEdge> = {}): MapEdge => ({
  from,
  to,
  kind: 'call',
  ...sums,
  ...more,
});
const orders = node('topic:kafka orders', { kind: 'topic', name: 'orders', system: 'kafka' });

group('a drawn map', () => {
  it('begins with whom nobody calls, and knows which calls lead back', () => {
    const map = {
      seconds: 60,
      nodes: ['cart', 'pay', 'shop'].map((id) => node(id)),
      edges: [edge('shop', 'cart'), edge('cart', 'pay'), edge('pay', 'cart', { calls: 1 })],
    };
    const { mapNodes, mapEdges, hidden } = drawnMap(map, () => '#000');
    expect(mapNodes.map(({ id }) => id)).toEqual(['shop', 'cart', 'pay']);
    expect(mapEdges.map(({ from, to, back }) => [from, to, back])).toEqual([
      [0, 1, false],
      [1, 2, false],
      [2, 1, true],
    ]);
    expect(hidden).toBe(0);
  });

  it('leaves out the edges with fewest calls where there are too many', () => {
    const names = Array.from({ length: 41 }, (_, n) => `s${n}`);
    const edges = names.flatMap((from, a) =>
      names.filter((to) => to !== from).map((to, b) => edge(from, to, { calls: a * 100 + b })),
    );
    const map = { seconds: 60, nodes: names.map((id) => node(id)), edges };
    const drawn = drawnMap(map, () => '#000');
    expect([drawn.mapEdges.length, drawn.hidden]).toEqual([600, 1040]);
    expect(drawn.mapEdges.every((each) => each.edge.calls > 2_000)).toBe(true);
  });

  it('says in words what a node and an edge are', () => {
    expect(whatItIs(orders)).toBe('kafka topic');
    expect(whatItIs(node('database:redis', { kind: 'database', name: 'redis', system: 'redis' }))).toBe(
      'Database',
    );
    expect(describe(node('shop', { errors: 1, error_rate: 0.1 }))).toBe('2/s, 10 % failed, p95 5 ms');
    expect(describe(edge('x', 'y', { lag_p95: 4e6 }))).toBe('2/s, p95 5 ms, p95 wait 4 ms');
    expect(describe(edge('x', 'y', { p95: 0 }))).toBe('2/s');
    expect(describe(node('shop', { calls: 0 }))).toBe('no calls in this time');
  });

  it('has wider edges for more calls and redder ones for more errors, within bounds', () => {
    const widths = [0, 0.01, 1, 100, 1e9].map(widthOf);
    expect(widths).toEqual(widths.toSorted((a, b) => a - b));
    expect([widths[0], widths.at(-1)]).toEqual([1.5, 6]);
    expect([alarm(0), alarm(0.001) > 0.35, alarm(0.1), alarm(1)]).toEqual([0, true, 1, 1]);
  });
});

group('links to traces', () => {
  const shop = node('shop');
  it('of a node find its spans, or what asks it', () => {
    expect(tracesOfNode(shop)).toEqual({ service: 'shop' });
    expect(tracesOfNode(orders)).toEqual({ text: 'orders' });
    const host = node('external:[::1]:8080', { kind: 'external', name: '[::1]:8080' });
    expect(tracesOfNode(host)).toEqual({ kind: 'client', text: '::1' });
    expect(tracesOfNode(node('x', { kind: 'topic', name: 'orders.{id}.new' }))).toEqual({ text: 'orders.' });
    expect(tracesOfNode(node('x', { kind: 'topic', name: '(temporary)' }))).toBeUndefined();
  });
  it('of an edge find the spans of the end that tells more', () => {
    const bank = node('external:bank', { kind: 'external', name: 'bank' });
    expect(tracesOfEdge(edge('shop', 'pay'), shop, node('pay'))).toEqual({ service: 'pay' });
    expect(tracesOfEdge(edge('shop', bank.id), shop, bank)).toEqual({
      service: 'shop',
      kind: 'client',
      text: 'bank',
    });
    expect(tracesOfEdge(edge('shop', orders.id, { kind: 'publish' }), shop, orders)).toEqual({
      service: 'shop',
      kind: 'producer',
      text: 'orders',
    });
    expect(tracesOfEdge(edge(orders.id, 'mail', { kind: 'consume' }), orders, node('mail'))).toEqual({
      service: 'mail',
      kind: 'consumer',
      text: 'orders',
    });
  });
});

it('a time is told only where one was measured', () => {
  expect([timeOf(5e6, undefined), timeOf(5e6, 4e6), timeOf(5e6, 1), timeOf(0, undefined)]).toEqual([
    'p95 5 ms',
    'waits 4 ms',
    'no wait',
    '',
  ]);
});
