import fc from 'fast-check';
import { expect, test } from 'vitest';
import { operators, parseCondition, printCondition, unfinished } from './condition-text.ts';

test.each([
  ['http.response.status_code>=500', { key: 'http.response.status_code', op: '>=', value: '500' }],
  ['  http.route = /cart  ', { key: 'http.route', op: '=', value: '/cart' }],
  ['user.tier != gold', { key: 'user.tier', op: '!=', value: 'gold' }],
  ['resource:host.name exists', { scope: 'resource', key: 'host.name', op: 'exists' }],
  ['span:peer = a b c', { scope: 'span', key: 'peer', op: '=', value: 'a b c' }],
  ['url.query contains a=b', { key: 'url.query', op: 'contains', value: 'a=b' }],
  ['"odd key" = ""', { key: 'odd key', op: '=', value: '' }],
  ['x = exists', { key: 'x', op: '=', value: 'exists' }],
] as const)('reads %s', (text, condition) => {
  expect(parseCondition(text)).toEqual(condition);
});

test.each(['', 'http.route', 'http.route ', 'http.route =', 'http.route cont', '= 5', 'two words'])(
  'does not take %j for a whole condition',
  (text) => {
    expect(parseCondition(text)).toBeUndefined();
  },
);

test.each([
  ['', 'key', ''],
  ['htt', 'key', 'htt'],
  ['resource:ho', 'key', 'ho'],
  ['http.route ', 'operator', ''],
  ['http.route con', 'operator', 'con'],
  ['http.route =', 'value', ''],
  ['http.route = /c', 'value', '/c'],
  ['http.route contains /c', 'value', '/c'],
])('knows that %j lacks a %s after %j', (text, stage, prefix) => {
  expect(unfinished(text)).toMatchObject({ stage, prefix });
});

test('reads back every condition that it printed', () => {
  const condition = fc.record(
    {
      scope: fc.constantFrom('span' as const, 'resource' as const),
      key: fc.string({ minLength: 1, unit: 'grapheme' }),
      op: fc.constantFrom(...operators),
      value: fc.string(),
    },
    { requiredKeys: ['key', 'op', 'value'] },
  );
  fc.assert(
    fc.property(condition, ({ value, ...rest }) => {
      const whole = rest.op === 'exists' ? rest : { ...rest, value };
      expect(parseCondition(printCondition(whole))).toEqual(whole);
    }),
    { seed: 11, numRuns: 1000 },
  );
});
