import { expect, test } from 'vitest';
import { parseCondition, unfinished, type Unfinished } from './condition-text.ts';
import { suggestKeys, suggestOperators, suggestTyped, suggestValues } from './suggestions.ts';

type Stage<S extends Unfinished['stage']> = Extract<Unfinished, { stage: S }>;

test('says the scope of a key only where spans and resources both have it', () => {
  const keys = suggestKeys(unfinished('H') as Stage<'key'>, [
    { scope: 'span', key: 'host', type: 'string', count: 3 },
    { scope: 'resource', key: 'host', type: 'string', count: 2 },
    { scope: 'resource', key: 'a home page', type: 'string', count: 1 },
  ]);
  expect(keys.map((key) => key.text)).toEqual(['span:host ', 'resource:host ', '"a home page" ']);
});

test('keeps to the scope that was typed', () => {
  const keys = suggestKeys(unfinished('resource:h') as Stage<'key'>, [
    { scope: 'span', key: 'host', type: 'string', count: 3 },
    { scope: 'resource', key: 'host', type: 'string', count: 2 },
  ]);
  expect(keys.map((key) => key.text)).toEqual(['resource:host ']);
});

test('offers the operators that begin as typed', () => {
  const offered = suggestOperators(unfinished('host c') as Stage<'operator'>);
  expect(offered.map((each) => each.text)).toEqual(['host contains ']);
});

test('writes values so that they are read back', () => {
  const part = unfinished('"a key" != ') as Stage<'value'>;
  const values = [
    { type: 'string', value: ' padded ', count: 1 },
    { type: 'int', value: 500, count: 1 },
    { type: 'array', value: ['a', 1], count: 1 },
    { type: 'string', value: '', count: 1 },
  ] as const;
  const read = suggestValues(part, [...values]).map((each) => parseCondition(each.text)?.value);
  expect(read).toEqual([' padded ', '500', '["a",1]', '']);
});

test('puts what was typed first, and leaves out values that it is not in', () => {
  const part = unfinished('code != 20') as Stage<'value'>;
  const suggested = (...values: number[]) =>
    suggestValues(
      part,
      values.map((value) => ({ type: 'int', value, count: 1 })),
    ).map(({ label, hint }) => [label, hint]);
  expect(suggested(503, 200, 20)).toEqual([
    ['20', 'int'],
    ['200', 'int'],
  ]);
  expect(suggested(503, 200)).toEqual([
    ['20', 'as typed'],
    ['200', 'int'],
  ]);
});

test('offers to open a trace whose id was typed, and to search for it as text', () => {
  const id = 'ABCDEF0123456789ABCDEF0123456789';
  const finishes = (text: string) => suggestTyped(text).map((each) => [each.finishes, each.text.trim()]);
  expect(finishes(` ${id}`)).toEqual([
    ['trace', id.toLowerCase()],
    ['text', id],
  ]);
  expect(finishes('0'.repeat(32))).toEqual([['text', '0'.repeat(32)]]);
  expect(finishes('abc ')).toEqual([['text', 'abc']]);
  expect(finishes(' ')).toEqual([]);
});
