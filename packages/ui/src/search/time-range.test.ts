import { expect, test } from 'vitest';
import { describeRange, parseLast, parseTime, presets, printLast, resolveRange } from './time-range.ts';

const now = new Date(2026, 10, 20, 16, 4, 5, 500).getTime();

test('resolves a range that ends now', () => {
  expect(resolveRange({ kind: 'last', count: 15, unit: 'm' }, now)).toEqual({
    start: now - 900_000,
    end: now,
  });
});

test('reads back its presets', () => {
  expect(presets.map((preset) => printLast(parseLast(preset)!))).toEqual([...presets]);
});

test.each(['', '0m', '15', 'm', '15w', '-5m', '1.5h'])(
  'does not take %j for a length back from now',
  (text) => {
    expect(parseLast(text)).toBeUndefined();
  },
);

test.each([
  ['2026-11-20 16:04:05.5', now],
  ['2026-11-20T16:04:05,500', now],
  ['16:04:05.5', now],
  ['9:30', new Date(2026, 10, 20, 9, 30).getTime()],
  ['2026-11-20', new Date(2026, 10, 20).getTime()],
  ['2026-11-20T15:04:05Z', Date.UTC(2026, 10, 20, 15, 4, 5)],
  ['2026-11-20 15:04:05+02:00', Date.UTC(2026, 10, 20, 13, 4, 5)],
  ['1795190645', 1795190645_000],
  ['1795190645123', 1795190645_123],
  ['1795190645123456', 1795190645_123],
  ['1795190645123456789', 1795190645_123],
])('reads the time %s', (text, millis) => {
  expect(parseTime(text, now)).toBe(millis);
});

test.each(['', 'yesterday', '2026-13-45', '25:99', '123', '2026-11-20 16:04 CET'])(
  'does not read the time %j',
  (text) => {
    expect(parseTime(text, now)).toBeUndefined();
  },
);

test('says a range in words', () => {
  expect(describeRange({ kind: 'last', count: 1, unit: 'h' })).toBe('Last hour');
  expect(describeRange({ kind: 'last', count: 14, unit: 'd' })).toBe('Last 14 days');
  expect(describeRange({ kind: 'fixed', start: now - 60_000, end: now })).toBe(
    '2026-11-20 16:03:05 – 16:04:05',
  );
  expect(describeRange({ kind: 'fixed', start: now - 86_400_000, end: now })).toBe(
    '2026-11-19 16:04:05 – 2026-11-20 16:04:05',
  );
  expect(describeRange({ kind: 'fixed', start: now - 1_000, end: now })).toBe(
    '2026-11-20 16:04:04.500 – 16:04:05.500',
  );
});
