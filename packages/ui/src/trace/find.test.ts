import { describe, expect, it } from 'vitest';
import { traceColumns } from './columns.ts';
import { find, neighbour, placeOf } from './find.ts';
import { nodeKeys } from './fold.ts';
import { logColumns } from './logs/logs.ts';
import { hexId, logAt, timelineFromText } from './testing.ts';
import { treeOf } from './tree.ts';

const columns = traceColumns(
  timelineFromText(`
0-100 shop checkout
  60-90 Payments charge
  10-20 stock reserve
    12-13 stock lookup
?ab 95-99 shop orphan`),
);
const tree = treeOf(columns);
const logs = logColumns([logAt(12, 4, 'Nothing LEFT')], columns, nodeKeys(columns).nodeOf);
const names = (nodes: Int32Array) => [...nodes].map((node) => columns.names[columns.name[node]!]);

describe('find', () => {
  it('looks in names, services, ids and log records, letter case aside', () => {
    expect(names(find('CHECK', columns, tree, logs).nodes)).toEqual(['checkout']);
    expect(names(find('payments', columns, tree, logs).nodes)).toEqual(['charge']);
    expect(names(find(hexId(3), columns, tree, logs).nodes)).toEqual(['reserve']);
    expect(names(find('left', columns, tree, logs).nodes)).toEqual(['lookup']);
  });

  it('finds a missing parent by its id', () => {
    expect([...find(hexId(0xab), columns, tree, logs).nodes]).toEqual([columns.spans]);
  });

  it('adds what the server found, in the order of the waterfall', () => {
    const charge = columns.name.indexOf(columns.names.indexOf('charge'));
    expect(names(find('stock', columns, tree, logs, [charge, -1]).nodes)).toEqual([
      'reserve',
      'lookup',
      'charge',
    ]);
  });

  it('finds nothing for no text', () => expect(find('  ', columns, tree, logs).nodes).toHaveLength(0));
});

describe('neighbour', () => {
  const { nodes } = find('s', columns, tree, logs); // checkout, reserve, lookup, charge, orphan by service or name
  it('goes forward and back in the order of the waterfall and round at the ends', () => {
    const walk = (step: 1 | -1) => {
      let at = -1;
      return Array.from({ length: nodes.length + 1 }, () => (at = neighbour(tree, nodes, at, step)));
    };
    expect(walk(1)).toEqual([...nodes, nodes[0]]);
    expect(walk(-1)).toEqual([...nodes].toReversed().concat(nodes.at(-1)!));
  });
  it('starts from a span that is not one of them', () => {
    const charge = columns.name.indexOf(columns.names.indexOf('charge'));
    const stock = find('stock', columns, tree, logs).nodes;
    expect(neighbour(tree, stock, charge, -1)).toBe(stock[1]);
    expect(neighbour(tree, stock, charge, 1)).toBe(stock[0]);
    expect(placeOf(tree, stock, charge)).toBe(0);
    expect(placeOf(tree, stock, stock[1]!)).toBe(2);
  });
  it('is nothing among nothing', () => expect(neighbour(tree, [], 0, 1)).toBe(-1));
});
