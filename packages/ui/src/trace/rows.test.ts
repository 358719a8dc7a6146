import { describe, expect, it } from 'vitest';
import { traceColumns } from './columns.ts';
import { nodeKeys } from './fold.ts';
import { logColumns } from './logs/logs.ts';
import { logOf, pinnedAncestors, rowShowing, spanRow, visibleRows } from './rows.ts';
import { logAt, timelineFromText, timelineOf } from './testing.ts';
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
const node = (name: string) => columns.name.indexOf(columns.names.indexOf(name));
const open = new Uint8Array(tree.size);
const folded = (...names: string[]) =>
  open.map((_, each) => (names.some((name) => node(name) === each) ? 1 : 0));
const logs = logColumns(
  [logAt(45, 5, 'in e'), logAt(25, 3, 'later in c'), logAt(22, 3, 'in c'), logAt(1, 0, 'of no span')],
  columns,
  nodeKeys(columns).nodeOf,
);

const text = (content: number) =>
  content < 0 ? String(logs.records[logOf(content)]?.body) : columns.names[columns.name[content]!]!;

describe('visibleRows', () => {
  it('shows log records below their span in order of time, those of no span last', () => {
    expect([...visibleRows(tree, open, logs).content].map(text)).toEqual(
      ['a', 'b', 'c', 'in c', 'later in c', 'd', 'e', 'in e', 'f', 'of no span'], // prettier-ignore
    );
  });

  it('hides the log records of spans that are folded away', () => {
    expect([...visibleRows(tree, folded('b'), logs).content].map(text)).toEqual([
      'a',
      'b',
      'f',
      'of no span',
    ]);
  });

  it('finds the row that stands for a span in a folded branch', () => {
    const rows = visibleRows(tree, folded('b'));
    expect(rowShowing(tree, rows, node('d'))).toBe(1);
    expect(rowShowing(tree, rows, node('f'))).toBe(2);
  });
});

describe('spanRow', () => {
  it('steps over log records and stops at the ends', () => {
    const rows = visibleRows(tree, open, logs);
    expect(spanRow(rows, 2, 1)).toBe(5);
    expect(spanRow(rows, 5, -1)).toBe(2);
    expect(spanRow(rows, 8, 1)).toBe(-1);
    expect(spanRow(rows, 0, -1)).toBe(-1);
  });
});

describe('pinnedAncestors', () => {
  const rows = visibleRows(tree, open);
  const pinned = (top: number, most = 4) => pinnedAncestors(tree, rows, top, most).map(text);

  it('pins nothing at the top', () => expect(pinned(0)).toEqual([]));
  it('pins what the pinned rows themselves would cover', () => expect(pinned(1)).toEqual(['a', 'b']));
  it('lets go of branches that have ended', () => expect(pinned(4)).toEqual(['a']));
  it('keeps the root and the nearest where there is no room for all', () => {
    const parents = Array.from({ length: 3000 }, (_, index) => index - 1);
    const chain = treeOf(traceColumns(timelineOf(parents, parents)));
    const all = visibleRows(chain, new Uint8Array(3000));
    expect(pinnedAncestors(chain, all, 2000, 4)).toEqual([0, 2001, 2002, 2003]);
  });
});
