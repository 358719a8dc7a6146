import { describe, expect, it } from 'vitest';
import { barOf, labelPlace, timeAt, xOf } from './bars.ts';
import { indentFor, indentPx, isDeep } from './indent.ts';

const range = { from: 1000, to: 2000 };

describe('barOf', () => {
  it('is where the times are', () => expect(barOf(range, 500, 1200, 400)).toEqual({ x: 100, width: 200 }));
  it('can be seen however short the span', () =>
    expect(barOf(range, 500, 1200, 0)).toEqual({ x: 100, width: 2 }));
  it('is nothing out of sight', () => {
    expect(barOf(range, 500, 0, 900)).toBeUndefined();
    expect(barOf(range, 500, 2010, 900)).toBeUndefined();
  });
  it('ends just outside where the span goes on', () =>
    expect(barOf(range, 500, -1e15, 2e15)).toEqual({ x: -12, width: 524 }));
  it('has inverse arithmetic', () => expect(timeAt(range, 500, xOf(range, 500, 1234))).toBeCloseTo(1234));
});

describe('labelPlace', () => {
  it('is right of the bar, else left of it, else on it', () => {
    expect(labelPlace({ x: 10, width: 100 }, 500, 40)).toEqual({ x: 116, onBar: false });
    expect(labelPlace({ x: 400, width: 90 }, 500, 40)).toEqual({ x: 354, onBar: false });
    expect(labelPlace({ x: -8, width: 516 }, 500, 40)).toEqual({ x: 454, onBar: true });
  });
  it('covers no event on a bar if there is a place without', () => {
    const without = (...events: number[]) => {
      const isFree = (from: number, to: number) => !events.some((x) => x >= from && x <= to);
      return labelPlace({ x: 0, width: 500 }, 500, 40, isFree).x;
    };
    expect([without(100), without(480), without(480, 20), without(480, 20, 250)]).toEqual([454, 6, 230, 454]);
  });
});

describe('indentFor', () => {
  const at = (maxDepth: number, shallowest: number, deepest: number) =>
    indentFor(maxDepth, { shallowest, deepest }, 170);
  it('gives shallow traces full steps', () => expect(at(5, 0, 5)).toEqual({ step: 14, base: 0 }));
  it('shrinks steps until the deepest branch fits', () =>
    expect(at(30, 2, 12)).toEqual({ step: 5, base: 0 }));
  it('never needs more than the room, at any depth', () => {
    for (const deepest of [0, 10, 100, 2999]) {
      expect(indentPx(at(2999, 0, deepest), deepest)).toBeLessThanOrEqual(170);
    }
    expect(isDeep(2999, 170)).toBe(true);
    expect(isDeep(40, 170)).toBe(false);
  });
  it('leaves out the levels that all rows in sight have in common', () => {
    const indent = at(2999, 2983, 2999);
    expect(indentPx(indent, 2983)).toBeLessThan(20);
    expect(indentPx(indent, 2999) - indentPx(indent, 2983)).toBe(64);
  });
});
