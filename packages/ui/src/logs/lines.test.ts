import type { LogLine } from '@throughline/query/api';
import { describe, expect, it } from 'vitest';
import { linesOf, mergeNewest } from './lines.ts';

const record = (time: number, hash = 'x') => ({ id: `${time}-${hash}`, time: String(time) }) as LogLine;
const keys = (...args: Parameters<typeof mergeNewest>) => mergeNewest(...args).map(({ key }) => key);

describe('lines', () => {
  it('have keys of their own also where records are equal', () => {
    expect(linesOf([record(2), record(1), record(2)]).map(({ key }) => key)).toEqual(['2-x', '1-x', '2-x~2']);
  });

  it('come newest first when what is new is put on top, also what comes late', () => {
    const before = linesOf([record(10), record(7)]);
    expect(keys(before, linesOf([record(11), record(10), record(9)]), false, 10)).toEqual([
      '11-x',
      '10-x',
      '9-x',
      '7-x',
    ]);
    expect(keys(before, linesOf([record(100), record(10)]), false, 10)[0]).toBe('100-x');
  });

  it('stay the same object while nothing is new', () => {
    const before = linesOf([record(2), record(1)]);
    expect(mergeNewest(before, linesOf([record(2)]), true, 10)).toBe(before);
  });

  it('begin anew where a full page leaves a gap to what was there', () => {
    const before = linesOf([record(2), record(1)]);
    expect(keys(before, linesOf([record(9), record(8)]), true, 10)).toEqual(['9-x', '8-x']);
    expect(keys(before, linesOf([record(9), record(8)]), false, 10)).toEqual(['9-x', '8-x', '2-x', '1-x']);
  });

  it('are not more than are kept', () => {
    expect(keys(linesOf([record(2), record(1)]), linesOf([record(3)]), false, 2)).toEqual(['3-x', '2-x']);
  });
});
