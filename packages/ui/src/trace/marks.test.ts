import { describe, expect, it } from 'vitest';
import { mark } from './marks.ts';
import { nameOf, traceModel } from './model.ts';
import { timelineFromText } from './testing.ts';

const model = traceModel(
  timelineFromText(`
0-100 shop root
  10-20 db ahead
    5-8 db before its parent
    20-25 db at the end of its parent
    30-40 mail after its parent
      31-32 mail failed !
?ab 50-60 shop orphan`),
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
