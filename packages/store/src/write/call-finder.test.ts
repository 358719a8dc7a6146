import { expect, it } from 'vitest';
import { CallFinder } from './call-finder.ts';
import type { EdgeRollup } from './rollups.ts';

/** Draws calls as `caller>callee`; an id is a number, its parent another. */
function setup() {
  const calls: string[] = [];
  const edges = {
    add: (_minute: number, caller: number, callee: number, error: boolean) =>
      calls.push(`${finder.name(caller)}>${finder.name(callee)}${error ? '!' : ''}`),
  };
  const finder = new CallFinder(edges as unknown as EdgeRollup);
  /** Every span in a run of its own, unless it is told which. */
  let runs = 0;
  const span = (id: number, parent: number, service: string, error = false, run = ++runs) => {
    finder.add(run, 1, id, 7, parent, parent === 0 ? 0 : 7, finder.service(service), 1, error, 5);
    if (run === runs) finder.flush();
  };
  return { calls, span, finder };
}

it('finds a call when the parent comes first', () => {
  const { calls, span } = setup();
  span(1, 0, 'shop');
  span(2, 1, 'cart', true);
  expect(calls).toEqual(['shop>cart!']);
});

it('finds calls when the children come first, each once', () => {
  const { calls, span } = setup();
  span(2, 1, 'cart');
  span(3, 1, 'pay');
  span(1, 0, 'shop');
  span(1, 0, 'shop');
  expect(calls.toSorted()).toEqual(['shop>cart', 'shop>pay']);
});

it('finds the calls of a trace whose spans come together, in any order', () => {
  const { calls, span, finder } = setup();
  span(3, 2, 'pay', false, 9);
  span(1, 0, 'shop', false, 9);
  span(2, 1, 'cart', true, 9);
  finder.flush();
  expect(calls.toSorted()).toEqual(['cart>pay', 'shop>cart!']);
});

it('takes a span inside one service for no call', () => {
  const { calls, span } = setup();
  span(1, 0, 'shop');
  span(2, 1, 'shop');
  span(4, 3, 'shop');
  span(3, 0, 'shop');
  expect(calls).toEqual([]);
});

it('remembers the last eighty thousand spans, in whatever order they come', () => {
  const { calls, span } = setup();
  for (let id = 1; id <= 40_000; id++) span(id * 2, id * 2 - 1, 'callee');
  for (let id = 40_000; id >= 1; id--) span(id * 2 - 1, 0, 'caller');
  expect(calls).toHaveLength(40_000);
});

it('goes on when far more spans wait for parents that never come', () => {
  const { calls, span } = setup();
  for (let id = 1; id <= 500_000; id++) span(id, id + 1_000_000, 'lonely');
  span(2_000_001, 2_000_000, 'cart');
  span(2_000_000, 0, 'shop');
  expect(calls).toEqual(['shop>cart']);
});

it('bears a sender that sends one span again and again, and a parent with very many children', () => {
  const { calls, span } = setup();
  for (let n = 0; n < 300_000; n++) span(2, 1, 'cart');
  for (let n = 0; n < 300_000; n++) span(10 + n, 9, 'pay');
  span(1, 0, 'shop');
  span(9, 0, 'till');
  expect(calls.length).toBeGreaterThan(400);
  expect(new Set(calls)).toEqual(new Set(['shop>cart', 'till>pay']));
});
