import { expect, test } from 'vitest';
import { parseUrlSearch, printUrlSearch } from '../shell/url-search.ts';
import { hasFilters, parseSearchState, questionOf, rangeOf, withoutFilters } from './search-state.ts';

const address =
  '?service=cart&operation=GET+%2F&kind=server&status=error&where=a+%3D+1&where=resource%3Ab+exists&text=x' +
  '&min=1ms&max=2s&minTrace=5ms&maxTrace=1min&last=6h&sort=longest';

test('keeps everything that a link restores', () => {
  expect(printUrlSearch({ ...parseSearchState(parseUrlSearch(address)) })).toBe(address);
});

test('asks the server for what the address says', () => {
  const state = parseSearchState(parseUrlSearch(address));
  expect(questionOf(state, { start: 1_000, end: 2_000.5 })).toEqual({
    service: 'cart',
    operation: 'GET /',
    kind: 'server',
    status: 'error',
    text: 'x',
    conditions: [
      { key: 'a', op: '=', value: '1' },
      { scope: 'resource', key: 'b', op: 'exists' },
    ],
    min_duration: 1e6,
    max_duration: 2e9,
    min_trace_duration: 5e6,
    max_trace_duration: 60e9,
    start: '1000000000',
    end: '2000500000',
    sort: 'longest',
  });
});

test('looks at the last hour when the address says nothing', () => {
  const state = parseSearchState({});
  expect(state).toEqual({});
  expect(rangeOf(state)).toEqual({ kind: 'last', count: 1, unit: 'h' });
});

test('takes fixed times before relative ones, and is not live then', () => {
  const state = parseSearchState({
    start: '2026-11-20T10:00:00Z',
    end: '2026-11-20T11:00:00Z',
    last: '1h',
    live: 'on',
  });
  expect(state.last).toBeUndefined();
  expect(state.live).toBeUndefined();
  expect(rangeOf(state)).toMatchObject({ kind: 'fixed', start: Date.UTC(2026, 10, 20, 10) });
});

test('keeps live, with the newest first', () => {
  expect(parseSearchState({ live: 'on', last: '15m', sort: 'longest' })).toEqual({ live: 'on', last: '15m' });
});

test('passes over what it does not understand', () => {
  const raw = {
    kind: 'wrong',
    status: ['error', 'ok'],
    where: 'not one',
    min: 'fast',
    last: '5w',
    start: '2026',
    x: '1',
  };
  expect(parseSearchState(raw)).toEqual({});
});

test('tells filters from times and order', () => {
  expect(hasFilters({ last: '6h', sort: 'oldest', live: 'on' })).toBe(false);
  expect(hasFilters({ last: '6h', text: 'x' })).toBe(true);
  expect(withoutFilters({ last: '6h', text: 'x', min: '1ms' })).toEqual({ last: '6h' });
});
