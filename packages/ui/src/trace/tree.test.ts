import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { traceColumns } from './columns.ts';
import { hexId, randomTimeline, timelineFromText, timelineOf } from './testing.ts';
import { ancestors, treeOf, type Tree } from './tree.ts';

const drawn = (text: string) => print(timelineFromText(text));

function print(timeline: Parameters<typeof traceColumns>[0]): string {
  const columns = traceColumns(timeline);
  const tree = treeOf(columns);
  return [...tree.order]
    .map((node) => {
      const name = node < columns.spans ? columns.names[columns.name[node]!] : `missing ${columns.ids[node]}`;
      return '  '.repeat(tree.depth[node]!) + name;
    })
    .join('\n');
}

describe('treeOf', () => {
  it('orders siblings by start and keeps children that start after their parent has ended', () => {
    expect(
      drawn(`
0-100 shop root
  60-70 shop late
  10-20 shop early
    200-300 mail after everything`),
    ).toBe('root\n  early\n    after everything\n  late');
  });

  it('puts spans with the same missing parent under one node between the roots', () => {
    expect(
      drawn(`
0-100 shop root
50-60 shop second root
?ab 20-30 shop orphan
?ab 40-45 shop other orphan`),
    ).toBe(`root\nmissing ${hexId(0xab)}\n  orphan\n  other orphan\nsecond root`);
  });

  it('gives a missing parent the time that its children span', () => {
    const columns = traceColumns(timelineFromText('?ab 20-30 shop a\n?ab 40-45 shop b'));
    expect([columns.start[2], columns.duration[2]]).toEqual([20_000, 25_000]);
  });

  it('opens a circle of parents at its earliest span', () => {
    const columns = traceColumns(timelineOf([2, 0, 1, 2], [10, 20, 30, 40]));
    const tree = treeOf(columns);
    expect(tree.cut).toEqual([0]);
    expect([...tree.order]).toEqual([0, 1, 2, 3]);
    expect([...tree.depth]).toEqual([0, 1, 2, 3]);
  });

  it('takes a span that is its own parent for a root', () => {
    expect([...treeOf(traceColumns(timelineOf([0, 0], [0, 1]))).depth]).toEqual([0, 1]);
  });

  it('lays out a chain of 100,000 spans without recursion', () => {
    const count = 100_000;
    const parents = Array.from({ length: count }, (_, index) => index - 1);
    const tree = treeOf(traceColumns(timelineOf(parents, parents)));
    expect(tree.maxDepth).toBe(count - 1);
    expect(tree.end[0]).toBe(count);
    expect(tree.end[count - 2]).toBe(count);
  });

  it('has nothing to lay out in an empty trace', () => {
    expect(treeOf(traceColumns(timelineOf([], []))).order).toHaveLength(0);
  });

  it('agrees with a plain recursive layout on random trees in any order of start', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 60 }), fc.integer(), (count, seed) => {
        const timeline = randomTimeline(count, seed);
        timeline.start.reverse();
        const tree = treeOf(traceColumns(timeline));
        const slow = slowOrder(timeline.parent, timeline.start);
        expect([...tree.order]).toEqual(slow);
        checkShape(tree);
      }),
      { seed: 7 },
    );
  });

  it('holds every span once whatever the parents are', () => {
    const parents = fc.array(fc.integer({ min: -3, max: 45 }), { maxLength: 40 });
    fc.assert(
      fc.property(parents, (told) => {
        const tree = treeOf(traceColumns(timelineOf(told, told)));
        expect([...tree.order].sort((a, b) => a - b)).toEqual(told.map((_, index) => index));
        checkShape(tree);
      }),
      { seed: 7 },
    );
  });
});

function checkShape(tree: Tree) {
  for (let node = 0; node < tree.size; node++) {
    const above = tree.parent[node]!;
    expect(tree.depth[node]).toBe(above < 0 ? 0 : tree.depth[above]! + 1);
    expect(tree.order[tree.position[node]!]).toBe(node);
    const inside = [...tree.order].filter(
      (each) => each === node || [...ancestors(tree, each)].includes(node),
    );
    expect(tree.end[node]! - tree.position[node]!).toBe(inside.length);
  }
}

function slowOrder(parents: readonly number[], starts: readonly number[], of = -1): number[] {
  return parents
    .flatMap((parent, index) => (parent === of ? [index] : []))
    .sort((a, b) => starts[a]! - starts[b]! || a - b)
    .flatMap((child) => [child, ...slowOrder(parents, starts, child)]);
}
