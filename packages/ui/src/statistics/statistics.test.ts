import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { traceColumns } from '../trace/columns.ts';
import { timelineFromText } from '../trace/testing.ts';
import { treeOf } from '../trace/tree.ts';
import { csvOf } from './csv.ts';
import { formatShare } from './format-share.ts';
import type { GroupBy } from './groups.ts';
import {
  columns,
  filtered,
  nextOrder,
  ordered,
  parseOrder,
  printOrder,
  usualOrder,
  type Column,
} from './order.ts';
import { quantile } from './quantile.ts';
import { traceStatistics, type StatisticsRow } from './statistics.ts';

function statisticsOf(text: string, by: GroupBy): StatisticsRow[] {
  const all = traceColumns(timelineFromText(text));
  return traceStatistics(all, treeOf(all), by);
}

/** In microseconds, one row a line. */
function printed(rows: readonly StatisticsRow[]): string {
  return rows
    .map(({ service, operation, spans, errors, p50, p95, max, total, self }) => {
      const times = [p50, p95, max, total, self].map((nanos) => Number((nanos / 1000).toFixed(3)));
      return [`${spans}x`, service, operation, ...times, ...(errors > 0 ? [`${errors} errors`] : [])]
        .filter((part) => part !== undefined)
        .join(' ');
    })
    .join('\n');
}

const order = `
0-1700 shop POST
  10-1520 shop reserve
    15-1515 stock check
      20-60 db SELECT
      70-90 db SELECT !
  1600-1650 pay charge
    1900-2000 mail send
  30-20 shop backwards`;

describe('traceStatistics', () => {
  it('puts the operation first that takes most time of its own', () => {
    expect(printed(statisticsOf(order, 'operation'))).toBe(
      `1x stock check 1500 1500 1500 1500 1440
1x shop POST 1700 1700 1700 1700 140
1x mail send 100 100 100 100 100
2x db SELECT 30 39 40 60 60 1 errors
1x pay charge 50 50 50 50 50
1x shop reserve 1510 1510 1510 1510 10
1x shop backwards 0 0 0 0 0`,
    );
  });

  it('takes the operations of a service together', () => {
    const rows = statisticsOf(order, 'service');
    expect(printed(rows).split('\n').slice(0, 2)).toEqual([
      '1x stock 1500 1500 1500 1500 1440',
      '3x shop 1510 1681 1700 3210 150',
    ]);
    expect(rows.every((row) => !('operation' in row))).toBe(true);
  });

  it('leaves parents out that are not stored, and has no rows without spans', () => {
    expect(printed(statisticsOf('?ab 5-7 db SELECT', 'operation'))).toBe('1x db SELECT 2 2 2 2 2');
    expect(statisticsOf('', 'operation')).toEqual([]);
  });
});

describe('quantile', () => {
  it('lies between two values in proportion', () => {
    expect([0, 0.5, 0.95, 1].map((q) => quantile([1, 2, 3, 10], q))).toEqual(
      [1, 2.5, 8.95, 10].map((n) => expect.closeTo(n, 9) as number),
    );
    expect(quantile([7], 0.95)).toBe(7);
    expect(quantile([], 0.5)).toBe(0);
  });
});

describe('the order of rows', () => {
  const rows = statisticsOf(order, 'operation');
  const names = (by: Column, up: boolean) => ordered(rows, { by, up }).map(({ operation }) => operation);

  it('is by any column, both ways; what is equal stays in the order of self time', () => {
    expect(names('operation', true)).toEqual([
      'backwards',
      'charge',
      'check',
      'POST',
      'reserve',
      'SELECT',
      'send',
    ]);
    expect(names('p95', false).slice(0, 3)).toEqual(['POST', 'reserve', 'check']);
    expect(names('errors', false)).toEqual([
      'SELECT',
      'check',
      'POST',
      'send',
      'charge',
      'reserve',
      'backwards',
    ]);
    expect(names('spans', true).at(-1)).toBe('SELECT');
  });

  it('begins with the largest figures and with the first names, and turns at a second click', () => {
    const max = nextOrder(usualOrder, 'max');
    expect([max, nextOrder(max, 'max'), nextOrder(max, 'service')]).toEqual([
      { by: 'max', up: false },
      { by: 'max', up: true },
      { by: 'service', up: true },
    ]);
  });

  it('is read from an address as it was printed', () => {
    const all = (Object.keys(columns) as Column[]).flatMap((by) => [true, false].map((up) => ({ by, up })));
    expect(all.map(printOrder).map(parseOrder)).toEqual(all);
    expect(printOrder(usualOrder)).toBeUndefined();
    fc.assert(
      fc.property(fc.string(), (text) => Object.hasOwn(columns, parseOrder(text).by)),
      { seed: 7 },
    );
    expect(parseOrder('toString')).toEqual(usualOrder);
  });
});

it('rows are found by words of their service and operation', () => {
  const found = (text: string) =>
    filtered(statisticsOf(order, 'operation'), text).map((row) => row.operation);
  expect(found('SHOP re')).toEqual(['reserve']);
  expect(found('  ')).toHaveLength(7);
  expect(found('shop charge')).toEqual([]);
});

it('rows are copied as CSV with times in milliseconds, texts quoted where they must be', () => {
  const [row] = statisticsOf('0-1500 shop say "hi", twice !', 'operation');
  expect(csvOf([row!], row!.self * 2)).toBe(
    'service,operation,spans,errors,p50_ms,p95_ms,max_ms,total_ms,self_ms,share\r\n' +
      'shop,"say ""hi"", twice",1,1,1.5,1.5,1.5,1.5,1.5,0.5\r\n',
  );
});

it.each([
  [0, '0 %'],
  [0.0004, '<0.1 %'],
  [0.0312, '3.1 %'],
  [0.0996, '10 %'],
  [0.416, '42 %'],
  [1, '100 %'],
])('the share %d is written %s', (share, text) => expect(formatShare(share)).toBe(text));
