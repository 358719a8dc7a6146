import { describe, expect, it } from 'vitest';
import { rulerLabel, rulerTimes } from './ruler-times.ts';

function labels(from: number, to: number, apart: number): string {
  const range = { from, to };
  const { step, times } = rulerTimes(range, apart);
  return times.map((time) => rulerLabel(time, step, range)).join(' | ');
}

describe('rulerTimes', () => {
  it('are round, far enough apart and in the range', () => {
    expect(rulerTimes({ from: 90, to: 1010 }, 150)).toEqual({ step: 200, times: [200, 400, 600, 800, 1000] });
    expect(rulerTimes({ from: -120, to: 120 }, 60).times).toEqual([-100, 0, 100]);
  });
  it('have labels in the unit of the range with the digits that tell them apart', () => {
    expect(labels(0, 3.2e6, 1e6)).toBe('0 ms | 1 ms | 2 ms | 3 ms');
    expect(labels(1_234_500_000, 1_234_500_300, 100)).toBe(
      '1234.5000 ms | 1234.5001 ms | 1234.5002 ms | 1234.5003 ms',
    );
    expect(labels(-500, 500, 400)).toBe('−500 ns | 0 ns | 500 ns');
  });
  it('count long traces in minutes and hours', () => {
    expect(labels(0, 150e9, 40e9)).toBe('0:00 | 1:00 | 2:00');
    expect(labels(3_600e9, 3_600.6e9, 0.2e9)).toBe('1:00:00.0 | 1:00:00.2 | 1:00:00.4 | 1:00:00.6');
  });
  it('do not end for a range of no length', () =>
    expect(rulerTimes({ from: 0, to: 0 }, 1).times).toEqual([0]));
});
