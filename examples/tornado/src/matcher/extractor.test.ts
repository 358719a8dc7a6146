import { expect, test } from 'vitest';
import { Piece } from '../config/piece.ts';
import { compileExtractor } from './extractor.ts';
import type { Value } from './value.ts';

const event = {
  payload: {
    text: 'temp 22 at 8, temp 30 at 9',
    half: 'temp 22 and temp x',
    oids: { 'A::x.1': 1, 'A::y.2': 2, 'B::z': { content: 'deep' } },
    number: 5,
    by: 'replaced',
  },
};

function extract(from: string, regex: object, ...modifiers_post: object[]): Value {
  const piece = new Piece({ from: `\${event.payload.${from}}`, regex, modifiers_post }, 'rule.json');
  return compileExtractor(piece)({ event, variables: {}, rule: '' });
}
const missing = 'it is not in the event';

test('match takes a group, or all of them with the whole match first', () => {
  const match = 'temp ([0-9]+) at ([0-9]+)';
  expect(extract('text', { match, group_match_idx: 1 })).toBe('22');
  expect(extract('text', { match, group_match_idx: 0 })).toBe('temp 22 at 8');
  expect(extract('text', { match })).toEqual(['temp 22 at 8', '22', '8']);
  expect(extract('text', { match, group_match_idx: 2, all_matches: true })).toEqual(['8', '9']);
  expect(extract('text', { match, all_matches: true })).toEqual([
    ['temp 22 at 8', '22', '8'],
    ['temp 30 at 9', '30', '9'],
  ]);
  expect(() => extract('text', { match, group_match_idx: 3 })).toThrow(missing);
  expect(() => extract('text', { match: 'nothing' })).toThrow(missing);
  expect(() => extract('number', { match: '5' })).toThrow(missing);
  expect(() => extract('nowhere', { match: '5' })).toThrow(missing);
});

test('a group that takes no part makes all of it fail', () => {
  const match = 'temp (?:([0-9]+)|x)';
  expect(() => extract('half', { match, all_matches: true, group_match_idx: 1 })).toThrow(missing);
  expect(extract('half', { match, group_match_idx: 1 })).toBe('22');
});

test('named_match takes groups by their names', () => {
  const named_match = 'temp (?P<degrees>[0-9]+) at (?P<hour>[0-9]+)';
  expect(extract('text', { named_match })).toEqual({ degrees: '22', hour: '8' });
  expect(extract('text', { named_match, all_matches: true })).toEqual([
    { degrees: '22', hour: '8' },
    { degrees: '30', hour: '9' },
  ]);
  expect(() => extract('text', { named_match: 'temp' })).toThrow(
    'rule.json: regex.named_match: has no named group',
  );
});

test('single_key_match takes the value of the one key that matches', () => {
  expect(extract('oids', { single_key_match: '^B::' })).toEqual({ content: 'deep' });
  expect(extract('oids', { single_key_match: 'x\\.[0-9]+$' })).toBe(1);
  expect(() => extract('oids', { single_key_match: '^A::' })).toThrow('2 keys match where one is expected');
  expect(() => extract('oids', { single_key_match: '^C::' })).toThrow(missing);
  expect(() => extract('text', { single_key_match: 't' })).toThrow(missing);
});

test('exactly one form must be said', () => {
  const one = 'rule.json: regex: must have one of match, named_match and single_key_match';
  expect(() => extract('text', {})).toThrow(one);
  expect(() => extract('text', { match: 'a', single_key_match: 'b' })).toThrow(one);
});

test('modifiers change what was extracted, one after the other', () => {
  const number = { match: 'temp ([0-9]+)', group_match_idx: 1 };
  const trimmed = { match: 'temp [0-9]+ ', group_match_idx: 0 };
  expect(extract('text', number, { type: 'ToNumber' })).toBe(22);
  expect(extract('text', trimmed, { type: 'Trim' })).toBe('temp 22');
  const map = { type: 'Map', mapping: { '22': 'WARM' } };
  expect(extract('text', number, map, { type: 'Lowercase' })).toBe('warm');
  expect(extract('text', number, { ...map, mapping: {}, default_value: 'other' })).toBe('other');
  expect(() => extract('text', number, { ...map, mapping: {} })).toThrow(
    'the modifier Map has no value for "22"',
  );
  expect(() => extract('text', trimmed, { type: 'ToNumber' })).toThrow('cannot make a number of "temp 22 "');
  expect(() => extract('text', number, { type: 'ToNumber' }, { type: 'Trim' })).toThrow(
    'the modifier Trim needs a text',
  );
});

test('ReplaceAll replaces a text, or what matches an expression, by a text that may come from the event', () => {
  const all = { match: '.*', group_match_idx: 0 };
  const replace = (more: object): Value => extract('text', all, { type: 'ReplaceAll', ...more });
  expect(replace({ find: 'temp', replace: '$1' })).toBe('$1 22 at 8, $1 30 at 9');
  expect(replace({ find: '[0-9]+', replace: 'n', is_regex: true })).toBe('temp n at n, temp n at n');
  expect(replace({ find: 'temp ([0-9]+)', replace: '$1 degrees', is_regex: true })).toBe(
    '22 degrees at 8, 30 degrees at 9',
  );
  expect(replace({ find: 'temp (?P<t>[0-9]+)', replace: '${event.payload.by}', is_regex: true })).toBe(
    'replaced at 8, replaced at 9',
  );
  expect(replace({ find: 'not there', replace: '${event.payload.number}' })).toBe(
    'temp 22 at 8, temp 30 at 9',
  );
  expect(() => replace({ find: 'temp', replace: '${event.payload.number}' })).toThrow(
    'no text to replace by',
  );
});

test.each([
  [1666000000, 'Europe/Rome', '2022-10-17 11:46:40+02:00'],
  [1666000000123, 'UTC', '2022-10-17 09:46:40+00:00'],
  [1666000000123456, 'America/New_York', '2022-10-17 05:46:40-04:00'],
  [1666000000123456768, 'Asia/Kolkata', '2022-10-17 15:16:40+05:30'],
  [0, 'UTC', '1970-01-01 00:00:00+00:00'],
])('DateAndTime of %d in %s is %s', (time, timezone, expected) => {
  const piece = new Piece(
    {
      from: '${event.at}',
      regex: { match: '[0-9]+', group_match_idx: 0 },
      modifiers_post: [{ type: 'ToNumber' }, { type: 'DateAndTime', timezone }],
    },
    'rule.json',
  );
  expect(compileExtractor(piece)({ event: { at: String(time) }, variables: {}, rule: '' })).toBe(expected);
});

test('what is wrong with a modifier is said with its place', () => {
  const regex = { match: '.*' };
  expect(() => extract('text', regex, { type: 'Shout' })).toThrow(
    'rule.json: modifiers_post[0].type: "Shout" is none of',
  );
  expect(() => extract('text', regex, { type: 'DateAndTime', timezone: 'Moon' })).toThrow(
    'rule.json: modifiers_post[0].timezone: ',
  );
});
