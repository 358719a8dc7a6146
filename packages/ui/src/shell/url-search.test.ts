import fc from 'fast-check';
import { expect, test } from 'vitest';
import { parseUrlSearch, printUrlSearch } from './url-search.ts';

test('reads a repeated name as a list', () => {
  expect(parseUrlSearch('?a=1&b=2&b=3&c=')).toEqual({ a: '1', b: ['2', '3'], c: '' });
});

test('leaves out what is undefined', () => {
  expect(printUrlSearch({ a: undefined, b: 'x y', c: ['1', '2'] })).toBe('?b=x+y&c=1&c=2');
  expect(printUrlSearch({ a: undefined })).toBe('');
});

test('reads back whatever it printed', () => {
  const name = fc.string({ minLength: 1 }).filter((text) => text !== '__proto__');
  const value = fc.oneof(fc.string(), fc.array(fc.string(), { minLength: 2 }));
  fc.assert(
    fc.property(fc.dictionary(name, value), (search) => {
      expect(parseUrlSearch(printUrlSearch(search))).toEqual({ ...search });
    }),
    { seed: 7 },
  );
});
