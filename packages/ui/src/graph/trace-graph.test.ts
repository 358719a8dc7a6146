import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { traceColumns } from '../trace/columns.ts';
import { randomTimeline, seeded, timelineFromText, timelineOf } from '../trace/testing.ts';
import { treeOf } from '../trace/tree.ts';
import {
  groupings,
  mostNodes,
  traceGraph,
  usualGrouping,
  type Grouping,
  type TraceGraph,
} from './trace-graph.ts';

type Timeline = Parameters<typeof traceColumns>[0];

function graphOf(timeline: Timeline, grouping: Grouping, limit?: number): TraceGraph {
  const columns = traceColumns(timeline);
  return traceGraph(columns, treeOf(columns), grouping, limit);
}

/** Nodes, then edges, one a line: `3x shop GET 100 self 60 (60%)`, times in microseconds. */
function printed({ nodes, edges }: TraceGraph): string {
  const nameOf = (at: number) => [nodes[at]!.service, nodes[at]!.operation].filter(Boolean).join(' ');
  return [
    ...nodes.map(
      ({ spans, errors, total, self, share, recursive }, at) =>
        `${spans}x ${nameOf(at)} ${total / 1000} self ${self / 1000} (${Math.round(share * 100)}%)` +
        `${errors ? ` ${errors} errors` : ''}${recursive ? ` ${recursive} recursive` : ''}`,
    ),
    ...edges.map(
      ({ from, to, calls, errors, messages, back }) =>
        `${nameOf(from)} ${back ? '~>' : '->'} ${nameOf(to)} ${calls}` +
        `${errors ? ` ${errors} errors` : ''}${messages ? ` ${messages} messages` : ''}`,
    ),
  ].join('\n');
}

const shop = `
0-100 shop GET
  10-30 auth check
    12-20 db SELECT
  40-60 pay charge
    45-50 db SELECT !
  65-90 pay charge
    70-80 db SELECT`;

describe('traceGraph', () => {
  it('tells an operation apart by the way that leads to it', () => {
    expect(printed(graphOf(timelineFromText(shop), 'path'))).toBe(
      `1x shop GET 100 self 35 (35%)
1x auth check 20 self 12 (12%)
1x db SELECT 8 self 8 (8%)
2x pay charge 45 self 30 (30%)
2x db SELECT 15 self 15 (15%) 1 errors
shop GET -> auth check 1
auth check -> db SELECT 1
shop GET -> pay charge 2
pay charge -> db SELECT 2 1 errors`,
    );
  });

  it('takes an operation together wherever it is called from, and services too', () => {
    expect(printed(graphOf(timelineFromText(shop), 'operation'))).toBe(
      `1x shop GET 100 self 35 (35%)
1x auth check 20 self 12 (12%)
3x db SELECT 23 self 23 (23%) 1 errors
2x pay charge 45 self 30 (30%)
shop GET -> auth check 1
auth check -> db SELECT 1
shop GET -> pay charge 2
pay charge -> db SELECT 2 1 errors`,
    );
    expect(printed(graphOf(timelineFromText(`${shop}\n  91-95 shop render`), 'service'))).toContain(
      '2x shop 104 self 35 (35%) 1 recursive',
    );
  });

  it.each(['path', 'operation'] as const)('folds recursion, so that there are no circles, by %s', (by) => {
    expect(
      printed(
        graphOf(
          timelineFromText(`
0-100 shop list
  10-90 shop list
    20-80 shop item
      30-70 shop list
        40-60 shop item`),
          by,
        ),
      ),
    ).toBe(
      `3x shop list 220 self 60 (60%) 1 recursive
2x shop item 80 self 40 (40%)
shop list -> shop item 2
shop item ~> shop list 1`,
    );
  });

  it('counts what goes over a broker apart', () => {
    const timeline = timelineFromText(`
0-10 shop publish
  20-30 kitchen cook
  5-6 shop log`);
    const edges = (kinds: number[]) => {
      timeline.kind = kinds;
      return printed(graphOf(timeline, 'path')).split('\n').slice(3).join(', ');
    };
    expect(edges([4, 1, 1])).toBe('shop publish -> shop log 1, shop publish -> kitchen cook 1 1 messages');
    expect(edges([1, 1, 5])).toBe('shop publish -> shop log 1, shop publish -> kitchen cook 1 1 messages');
    expect(edges([1, 1, 2])).toBe('shop publish -> shop log 1, shop publish -> kitchen cook 1');
  });

  it('begins anew at a span whose parent is not stored', () => {
    expect(printed(graphOf(timelineFromText('0-10 shop GET\n?ab 5-7 db SELECT'), 'path'))).toBe(
      '1x shop GET 10 self 10 (83%)\n1x db SELECT 2 self 2 (17%)',
    );
  });

  it('names the longest span of each node, and the node of each span', () => {
    const { nodes, nodeOf } = graphOf(timelineFromText(shop), 'operation');
    expect(nodes.map(({ longest }) => longest)).toEqual([0, 1, 6, 5]);
    expect([...nodeOf]).toEqual([0, 1, 2, 3, 2, 3, 2]);
  });

  it('of too many nodes keeps those with most self time and what leads to them', () => {
    const { nodes, nodeOf, hidden } = graphOf(
      timelineFromText(`
0-100 shop GET
  1-2 auth check
    1-2 db SELECT !
  10-60 pay charge
    20-55 bank wait
  70-80 mail send`),
      'path',
      3,
    );
    expect(nodes.map(({ operation, folded }) => `${operation} ${folded}`)).toEqual([
      'GET 3',
      'charge 0',
      'wait 0',
    ]);
    expect([...nodeOf]).toEqual([0, -1, -1, 1, 2, -1]);
    expect(hidden).toEqual({ nodes: 3, errors: 1 });
  });

  it('of too many edges draws those with most calls, and one to each node', () => {
    const timeline = manyNames(4_000, 1);
    timeline.services = Array.from({ length: 12 }, (_, n) => `s${n}`);
    timeline.service = timeline.service.map((_, n) => (n * 7 + (n % 5)) % 12);
    const { nodes, edges } = graphOf(timeline, 'service');
    const drawn = edges.filter((edge) => edge.drawn);
    expect(edges.length).toBeGreaterThan(60);
    expect(drawn).toHaveLength(2 * nodes.length);
    expect(new Set(drawn.filter(({ back }) => !back).map(({ to }) => to)).size).toBe(nodes.length - 1);
    const calls = edges.map((edge) => edge.calls).sort((a, b) => b - a);
    expect(Math.max(...edges.filter((edge) => !edge.drawn).map((edge) => edge.calls))).toBeLessThanOrEqual(
      calls[10]!,
    );
  });

  it.each(groupings)('has every span once, all self time and no circle, by %s, whatever the trace', (by) => {
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: 80 }),
        fc.integer(),
        fc.integer({ min: 1, max: 12 }),
        (count, seed, limit) => {
          const timeline = manyNames(count, seed);
          const whole = graphOf(timeline, by);
          expect(whole.nodes.reduce((sum, node) => sum + node.spans, 0)).toBe(count);
          expect(whole.nodes.reduce((sum, node) => sum + node.share, 0)).toBeCloseTo(count === 0 ? 0 : 1);
          expect(hasCircle(whole)).toBe(false);
          const part = graphOf(timeline, by, limit);
          expect(part.nodes.length).toBe(Math.min(limit, whole.nodes.length));
          expect(part.nodes.length + part.hidden.nodes).toBe(whole.nodes.length);
          expect(hasCircle(part)).toBe(false);
        },
      ),
      { seed: 7, numRuns: 60 },
    );
  });
});

describe('usualGrouping', () => {
  const of = (timeline: Timeline) => {
    const columns = traceColumns(timeline);
    return usualGrouping(columns, treeOf(columns));
  };
  it('is by path while that is readable, then by operation, then by service', () => {
    expect(of(timelineFromText(shop))).toBe('path');
    // Forty callers of ten operations, each with ten callers: few operations, many ways.
    const wide = timelineOf(
      Array.from({ length: 441 }, (_, n) => (n === 0 ? -1 : n <= 40 ? 0 : ((n - 41) % 40) + 1)),
      Array.from({ length: 441 }, (_, n) => n),
    );
    wide.names = Array.from({ length: 441 }, (_, n) => `op ${n}`);
    wide.name = wide.name.map((_, n) => (n <= 40 ? n : 41 + Math.floor((n - 41) / 40)));
    expect(of(wide)).toBe('operation');
    wide.name = wide.name.map((_, n) => n);
    expect(wide.name.length).toBeGreaterThan(mostNodes);
    expect(of(wide)).toBe('service');
  });
});

/** A random trace of three services and six operations. */
function manyNames(count: number, seed: number): Timeline {
  const timeline = randomTimeline(count, seed);
  const random = seeded(seed);
  timeline.names = Array.from({ length: 6 }, (_, n) => `op ${n}`);
  timeline.services = ['a', 'b', 'c'];
  timeline.name = timeline.name.map(() => Math.floor(random() * 6));
  timeline.service = timeline.service.map(() => Math.floor(random() * 3));
  return timeline;
}

/** Without the edges that lead back: nodes are taken away that nothing leads to, until there are none. */
function hasCircle({ nodes, edges }: TraceGraph): boolean {
  let left = nodes.map((_, at) => at);
  for (;;) {
    const led = new Set(edges.filter(({ from, back }) => !back && left.includes(from)).map(({ to }) => to));
    const rest = left.filter((at) => led.has(at));
    if (rest.length === left.length) return rest.length > 0;
    left = rest;
  }
}
