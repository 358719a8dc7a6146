import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { traceColumns } from './columns.ts';
import { addFold, foldedNodes, nodeKeys, parseFold, printFold, unfoldTo, type FoldStep } from './fold.ts';
import { visibleRows } from './rows.ts';
import { hexId, timelineFromText, timelineOf } from './testing.ts';
import { treeOf } from './tree.ts';

const columns = traceColumns(
  timelineFromText(`
0-100 shop a
  10-90 shop b
    20-30 shop c
      21-22 shop d
    40-50 shop e
  95-99 shop f`),
);
const tree = treeOf(columns);
const { keyOf, nodeOf } = nodeKeys(columns);
const node = (name: string) => columns.name.indexOf(columns.names.indexOf(name));

function shown(text: string): string {
  const rows = visibleRows(tree, foldedNodes(tree, parseFold(text), nodeOf));
  return [...rows.content].map((each) => columns.names[columns.name[each]!]).join('');
}

describe('folding', () => {
  it('shows everything without steps', () => expect(shown('')).toBe('abcdef'));
  it('folds from a depth down', () => expect(shown('d1')).toBe('abf'));
  it('folds one span, its descendants staying as they were', () => {
    expect(shown(`f${hexId(2)}`)).toBe('abf');
    expect(shown(`f${hexId(2)}.u${hexId(2)}`)).toBe('abcdef');
  });
  it('folds and unfolds a whole branch', () => {
    expect(shown(`F${hexId(2)}.u${hexId(2)}`)).toBe('abcef');
    expect(shown(`d0.U${hexId(1)}`)).toBe('abcdef');
  });
  it('leaves out what it cannot read and spans that are not there', () => {
    expect(shown('nonsense.fzz.d.f99')).toBe('abcdef');
  });

  it('unfolds what hides a span', () => {
    const steps = parseFold('d0');
    const folded = foldedNodes(tree, steps, nodeOf);
    const after = unfoldTo(tree, folded, node('d'), steps, keyOf);
    const rows = visibleRows(tree, foldedNodes(tree, after, nodeOf));
    expect(rows.rowOf[node('d')]).toBe(3);
    expect([...rows.content].map((each) => columns.names[columns.name[each]!]).join('')).toBe('abcdef');
  });

  it('forgets steps that a later one overrides', () => {
    const one = (folded: boolean): FoldStep => ({ at: 'span', key: 'ab', folded });
    expect(addFold(addFold([], one(true)), one(false))).toEqual([one(false)]);
    expect(addFold([one(true)], { at: 'depth', depth: 2 })).toEqual([{ at: 'depth', depth: 2 }]);
  });

  it('reads what it prints', () => {
    const key = fc.stringMatching(/^[0-9a-f]{16}(~[1-9])?$/);
    const step: fc.Arbitrary<FoldStep> = fc.oneof(
      fc.record({ at: fc.constant('depth' as const), depth: fc.nat(9999) }),
      fc.record({ at: fc.constantFrom('span' as const, 'subtree' as const), key, folded: fc.boolean() }),
    );
    fc.assert(
      fc.property(fc.array(step), (steps) => {
        expect(parseFold(printFold(steps))).toEqual(steps);
      }),
      { seed: 7 },
    );
  });
});

describe('nodeKeys', () => {
  it('tells spans with the same id apart', () => {
    const timeline = timelineOf([-1, 0, 0, 0], [0, 1, 2, 3]);
    timeline.span_id[1] = timeline.span_id[2] = timeline.span_id[3] = hexId(9);
    const keys = nodeKeys(traceColumns(timeline));
    expect([0, 1, 2, 3].map(keys.keyOf)).toEqual([hexId(1), hexId(9), `${hexId(9)}~2`, `${hexId(9)}~3`]);
    expect([0, 1, 2, 3].map((each) => keys.nodeOf(keys.keyOf(each)))).toEqual([0, 1, 2, 3]);
    expect(keys.nodeOf('nothing')).toBe(-1);
  });
});
