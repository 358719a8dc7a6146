import { describe, expect, it } from 'vitest';
import { mark } from './marks.ts';
import { nameOf, traceModel } from './model.ts';
import { timelineFromText } from './testing.ts';

const model = traceModel(
  timelineFromText(`
0-10000 shop root
  3000-5000 db ahead
    1900-2500 db before its parent
    2100-2500 db within a tick of its parent
    5000-6000 db at the end of its parent
    7000-8000 mail after its parent
      7100-7200 mail failed !
?ab 8000-8500 shop orphan`),
);

function marked(bit: number): string[] {
  return [...model.tree.order]
    .filter((node) => model.marks.flags[node]! & bit)
    .map((node) => nameOf(model, node));
}

describe('marksOf', () => {
  it('marks spans that start before their parent', () =>
    expect(marked(mark.early)).toEqual(['before its parent']));
  it('marks spans that start after their parent has ended', () =>
    expect(marked(mark.late)).toEqual(['after its parent']));
  it('marks errors and what is above them', () => {
    expect(marked(mark.error)).toEqual(['failed']);
    expect(marked(mark.errorBelow)).toEqual(['root', 'ahead', 'after its parent']);
    expect([...model.marks.errors].map((node) => nameOf(model, node))).toEqual(['failed']);
  });
  it('marks orphans and the parent that is missing, and compares no clocks with it', () => {
    expect(marked(mark.orphan)).toEqual(['orphan']);
    expect(marked(mark.missing)).toEqual(['Missing span']);
  });
});
