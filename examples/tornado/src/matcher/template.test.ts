import { expect, test } from 'vitest';
import { type Scope, compileText, compileValue, withItem } from './template.ts';

const scope: Scope = {
  event: {
    type: 'mail',
    payload: {
      a: { b: 1, 'key.with.dots': 'dotted', 'a }': 'brace' },
      list: ['x', { y: [10, 20] }],
      none: null,
    },
    iterator: { item: { name: 'first' }, iteration: 0 },
  },
  variables: { rule_one: { x: 'of one', shared: 1 }, this_rule: { shared: 2 } },
  rule: 'this_rule',
};
const get = (text: string): unknown => compileText(text)(scope);

test.each([
  ['${event.type}', 'mail'],
  ['${event.payload.a.b}', 1],
  ['${event.payload.a."key.with.dots"}', 'dotted'],
  ['${event.payload."a"."a }"}', 'brace'],
  ['${event.payload.list}', ['x', { y: [10, 20] }]],
  ['${event.payload.list[0]}', 'x'],
  ['${event.payload.list[1].y[1]}', 20],
  ['${event.payload.list[5]}', undefined],
  ['${event.payload.none}', null],
  ['${event.payload.missing}', undefined],
  ['${event.payload.constructor}', undefined],
  ['${event.payload.list.length}', undefined],
  ['${event.iterator.item.name}', 'first'],
  ['${event.iterator.iteration}', 0],
  ['${_variables.rule_one.x}', 'of one'],
  ['${_variables.shared}', 2],
  ['${_variables.rule_one.shared}', 1],
  ['${_variables.unknown}', undefined],
])('%s alone has the value of its type: %j', (text, expected) => {
  expect(get(text)).toEqual(expected);
});

test.each([
  ['plain', 'plain'],
  ['', ''],
  ['$5 {} ${', '$5 {} ${'],
  ['b is ${event.payload.a.b}', 'b is 1'],
  ['${event.type} and ${event.payload.none}', 'mail and null'],
  [' ${event.payload.a.b}', ' 1'],
  ['${event.type}${event.type}', 'mailmail'],
  ['a list: ${event.payload.list}', undefined],
  ['a map: ${event.payload.a}', undefined],
  ['nothing: ${event.payload.missing}', undefined],
  ['for later: ${item.name} of ${event.type}', 'for later: ${item.name} of mail'],
  ['${item}', '${item}'],
])('%s in a text is the text of the value: %j', (text, expected) => {
  expect(get(text)).toBe(expected);
});

test.each(['${}', '${nowhere.x}', '${event.}', '${event..x}', '${event[x]}', '${events.type}'])(
  '%s is refused',
  (text) => {
    expect(() => compileText(text)).toThrow(/cannot be understood|begins with|must not end|lacks a dot/);
  },
);

test('texts in lists and maps are replaced, and one that is not there spoils all', () => {
  expect(compileValue({ a: ['${event.type}', 3, { b: '${event.payload.a.b}' }] })(scope)).toEqual({
    a: ['mail', 3, { b: 1 }],
  });
  expect(compileValue({ a: [{ b: '${event.payload.missing}' }] })(scope)).toBeUndefined();
});

test("an item's texts are replaced, and no others", () => {
  const payload = { whole: '${item}', part: ['n: ${item.n}'], other: '${event.type}', missing: '${item.m}' };
  expect(withItem(payload, { n: 1 })).toEqual({
    whole: { n: 1 },
    part: ['n: 1'],
    other: '${event.type}',
    missing: '${item.m}',
  });
});
