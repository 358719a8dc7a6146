import { describe, expect, test } from 'vitest';
import { Piece } from '../config/piece.ts';
import { compileOperator } from './operator.ts';
import type { Value } from './value.ts';

const event = {
  type: 'mail',
  payload: {
    text: 'Hello World',
    number: 3,
    yes: true,
    nothing: null,
    list: ['one', 'Two', 3, { a: 1 }],
    map: { Key: 1, 'key.with.dots': 'dotted', inner: { list: [1, 2] } },
  },
};

const is = (operator: object): boolean =>
  compileOperator(new Piece(operator, 'rule.json'))({ event, variables: {}, rule: '' });
const test2 = (type: string, first: Value, second: Value): boolean => is({ type, first, second });
const payload = (path: string): string => `\${event.payload.${path}}`;

/** What is true of `first`, told by all the names of an operator. */
function cases(names: string[], rows: [first: Value, second: Value, expected: boolean][]): void {
  for (const name of names)
    test.each(rows)(`${name} %j %j is %s`, (first, second, expected) => {
      expect(test2(name, first, second)).toBe(expected);
    });
}

describe('contains', () => {
  cases(
    ['contains', 'contain'],
    [
      [payload('text'), 'World', true],
      [payload('text'), 'world', false],
      [payload('text'), 3, false],
      [payload('list'), 'one', true],
      [payload('list'), 'two', false],
      [payload('list'), 3, true],
      [payload('list'), { a: 1 }, true],
      [payload('map'), 'Key', true],
      [payload('map'), 'key', false],
      [payload('map'), 'toString', false],
      [payload('number'), 3, false],
      [payload('missing'), 'x', false],
      [payload('text'), payload('missing'), false],
    ],
  );
  cases(
    ['containsIgnoreCase', 'containIgnoreCase'],
    [
      [payload('text'), 'wORLD', true],
      [payload('list'), 'TWO', true],
      [payload('list'), 'tw', false],
      [payload('list'), 3, false],
      [payload('map'), 'kEY', true],
      [payload('number'), '3', false],
    ],
  );
});

describe('equals and its opposite', () => {
  const equalOnes: [Value, Value, boolean][] = [
    [payload('text'), 'Hello World', true],
    [payload('text'), 'hello world', false],
    [payload('number'), 3, true],
    [payload('number'), '3', false],
    [payload('yes'), true, true],
    [payload('nothing'), null, true],
    [payload('list'), ['one', 'Two', 3, { a: 1 }], true],
    [payload('list'), ['one', 'Two', 3], false],
    [payload('map.inner'), { list: [1, 2] }, true],
    [payload('map.inner'), { list: [1, 2], more: 1 }, false],
    [payload('missing'), 'x', false],
    [payload('missing'), payload('missing.too'), true],
  ];
  cases(['equals', 'equal'], equalOnes);
  cases(
    ['ne', 'notEquals', 'notEqual'],
    equalOnes.map(([first, second, expected]) => [first, second, !expected]),
  );
  cases(
    ['equalsIgnoreCase', 'equalIgnoreCase'],
    [
      [payload('text'), 'hELLO wORLD', true],
      [payload('text'), 'hello', false],
      [payload('number'), 3, false],
      [payload('missing'), payload('missing'), false],
    ],
  );
});

describe('order', () => {
  const orders: [first: Value, second: Value, names: string[]][] = [
    [3, 3, ['ge', 'le']],
    [2, 3, ['le', 'lt']],
    [4.5, 3, ['ge', 'gt']],
    ['b', 'a', ['ge', 'gt']],
    ['10', '9', ['le', 'lt']],
    [true, false, ['ge', 'gt']],
    [null, null, ['ge', 'le']],
    [
      [1, 2],
      [1, 3],
      ['le', 'lt'],
    ],
    [[1, 2], [1], ['ge', 'gt']],
    [
      [1, 2],
      [1, 2],
      ['ge', 'le'],
    ],
    [[1, 'a'], [1, 2], []],
    ['3', 3, []],
    [1, true, []],
    [{ a: 1 }, { a: 1 }, []],
    [payload('missing'), 3, []],
  ];
  test.each(orders)('of %j and %j is true for %j alone', (first, second, names) => {
    expect(['ge', 'gt', 'le', 'lt'].filter((name) => test2(name, first, second))).toEqual(names);
  });
});

test('regex is true of texts that match it, written as in Rust', () => {
  const matches = (regex: string, target: string): boolean => is({ type: 'regex', regex, target });
  expect(matches('W[a-z]+d$', payload('text'))).toBe(true);
  expect(matches('(?i)WORLD', payload('text'))).toBe(true);
  expect(matches('WORLD', payload('text'))).toBe(false);
  expect(matches('\\AHello\\b', payload('text'))).toBe(true);
  expect(matches('(?P<first>H)ello', payload('text'))).toBe(true);
  expect(matches('3', payload('number'))).toBe(false);
  expect(matches('.', payload('missing'))).toBe(false);
});

test('AND, OR and NOT combine, and what is empty is true', () => {
  const yes = { type: 'equals', first: 1, second: 1 };
  const no = { type: 'equals', first: 1, second: 2 };
  expect(is({ type: 'AND', operators: [yes, yes] })).toBe(true);
  expect(is({ type: 'AND', operators: [yes, no] })).toBe(false);
  expect(is({ type: 'AND', operators: [] })).toBe(true);
  expect(is({ type: 'OR', operators: [no, yes] })).toBe(true);
  expect(is({ type: 'OR', operators: [no, no] })).toBe(false);
  expect(is({ type: 'OR', operators: [] })).toBe(false);
  expect(is({ type: 'NOT', operator: no })).toBe(true);
  expect(is({ type: 'NOT', operator: { type: 'NOT', operator: no } })).toBe(false);
  expect(is({})).toBe(true);
  expect(compileOperator(new Piece(null, 'rule.json'))({ event, variables: {}, rule: '' })).toBe(true);
});

test.each([
  [{ type: 'smells' }, 'type: "smells" is none of AND, OR'],
  [{ type: 'AND', operators: [{ type: 'regex', regex: '(', target: '' }] }, 'operators[0].regex: '],
  [{ type: 'equals', first: 1 }, 'second: is missing'],
  [{ type: 'equals', first: 1, second: 2, third: 3 }, 'third: is not known'],
  [
    { type: 'equals', first: '${event', second: '${event.a..b}' },
    'second: "event.a..b" cannot be understood',
  ],
  [{ type: 'NOT' }, 'operator: must be an object'],
  ['text', 'must be an object'],
])('%j is refused, with its place', (operator, message) => {
  expect(() => compileOperator(new Piece(operator, 'rule.json'))).toThrow(`rule.json: ${message}`);
});
