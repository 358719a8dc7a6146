import { expect, test } from 'vitest';
import { mapRangeOf, parseMapState } from './map-state.ts';

test('takes what it understands out of an address', () => {
  expect(
    parseMapState({
      focus: 'shop',
      node: 'shop',
      to: 'topic:kafka orders',
      last: '6h',
      live: 'on',
      sort: 'x',
    }),
  ).toEqual({ focus: 'shop', node: 'shop', to: 'topic:kafka orders', last: '6h', live: 'on' });
  expect(parseMapState({ to: 'pay', last: 'soon', find: '' })).toEqual({});
});

test('fixed times come first, and are not live', () => {
  const [start, end] = ['2026-11-20T10:00:00.000Z', '2026-11-20T11:00:00.000Z'];
  const state = parseMapState({ start, end, last: '1h', live: 'on' });
  expect(state).toEqual({ start, end });
  expect(mapRangeOf(state)).toEqual({ kind: 'fixed', start: Date.parse(start), end: Date.parse(end) });
  expect(mapRangeOf(parseMapState({ start, end: 'later' }))).toEqual({ kind: 'last', count: 1, unit: 'h' });
});
