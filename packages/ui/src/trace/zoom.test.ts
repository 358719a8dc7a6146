import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { including, isWhole, parseRange, printRange, wholeRange, within, zoomAround } from './zoom.ts';

const whole = { from: 0, to: 1_000_000 };

describe('ranges', () => {
  it('stay inside the trace, in order and longer than nothing', () => {
    const time = fc.double({ min: -1e9, max: 1e9, noNaN: true });
    fc.assert(
      fc.property(time, time, (from, to) => {
        const range = within(whole, { from, to });
        expect(range.from).toBeGreaterThanOrEqual(whole.from);
        expect(range.to).toBeLessThanOrEqual(whole.to);
        expect(range.to - range.from).toBeGreaterThanOrEqual(100 - 1e-6);
      }),
      { seed: 7 },
    );
  });

  it('are something to divide by in a trace of one instant', () => {
    expect(wholeRange({ from: 5, to: 5 })).toEqual({ from: 5, to: 105 });
  });

  it('keep the time under the pointer in its place while zooming', () => {
    const closer = zoomAround(whole, whole, 250_000, 0.5);
    expect(closer).toEqual({ from: 125_000, to: 625_000 });
    expect(isWhole(whole, zoomAround(whole, closer, 250_000, 100))).toBe(true);
  });

  it('move to a bar that they do not touch and stay for one that they do', () => {
    const range = { from: 0, to: 100_000 };
    expect(including(whole, range, { from: 90_000, to: 400_000 })).toBe(range);
    expect(including(whole, range, { from: 500_000, to: 520_000 })).toEqual({ from: 460_000, to: 560_000 });
  });

  it('read what they print, also when an earlier span has moved the origin', () => {
    const origin = 1_700_000_000_000_000_000n;
    const text = printRange({ from: 1000, to: 251_000 }, origin);
    expect(text).toBe('1700000000000001000+250000');
    expect(parseRange(text, origin)).toEqual({ from: 1000, to: 251_000 });
    expect(parseRange(text, origin - 500n)).toEqual({ from: 1500, to: 251_500 });
    expect(parseRange('12+x', origin)).toBeUndefined();
  });
});
