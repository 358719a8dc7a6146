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
    expect(barOf(range, 500, -1e15, 2e15)).toEqual({ x: -8, width: 516 }));
  it('has inverse arithmetic', () => expect(timeAt(range, 500, xOf(range, 500, 1234))).toBeCloseTo(1234));
});

describe('labelPlace', () => {
  it('is right of the bar, else left of it, else on it', () => {
    expect(labelPlace({ x: 10, width: 100 }, 500, 40)).toEqual({ x: 116, onBar: false });
    expect(labelPlace({ x: 400, width: 90 }, 500, 40)).toEqual({ x: 354, onBar: false });
    expect(labelPlace({ x: -8, width: 516 }, 500, 40)).toEqual({ x: 454, onBar: true });
  });
});

describe('indentFor', () => {
  it('gives shallow traces full steps', () => expect(indentFor(5, 5, 170)).toEqual({ step: 14, base: 0 }));
  it('shrinks steps until the deepest branch fits', () =>
    expect(indentFor(30, 12, 170)).toEqual({ step: 5, base: 0 }));
  it('never needs more than the room, at any depth', () => {
    for (const deepest of [0, 10, 100, 2999]) {
      expect(indentPx(indentFor(2999, deepest, 170), deepest)).toBeLessThanOrEqual(170);
    }
    expect(isDeep(2999, 170)).toBe(true);
    expect(isDeep(40, 170)).toBe(false);
  });
  it('keeps rows in sight apart by their depth', () => {
    const indent = indentFor(2999, 2040, 170);
    expect(indentPx(indent, 2040) - indentPx(indent, 2020)).toBe(80);
  });
});
