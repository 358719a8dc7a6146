import { pino } from 'pino';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { limited } from './log.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

/** Lines as `event field=value`, in order. */
function setup() {
  const lines: string[] = [];
  const logger = pino(
    { base: null, timestamp: false, level: 'debug' },
    {
      write(line: string) {
        const { msg, level: _level, ...fields } = JSON.parse(line) as Record<string, unknown>;
        lines.push(
          [msg, ...Object.entries(fields).map(([key, value]) => `${key}=${String(value)}`)].join(' '),
        );
      },
    },
  );
  return { log: limited(logger), lines };
}

test('the same event is written five times in ten seconds, and then how many were left out', () => {
  const { log, lines } = setup();
  for (let n = 1; n <= 8; n++) log.warn('failed', { n });
  expect(lines).toEqual([1, 2, 3, 4, 5].map((n) => `failed n=${n}`));
  vi.advanceTimersByTime(10_000);
  expect(lines.slice(5)).toEqual(['failed n=8 suppressed=3']);
  log.warn('failed', { n: 9 });
  expect(lines.slice(6)).toEqual(['failed n=9']);
});

test('other events and levels are not held up by a frequent one', () => {
  const { log, lines } = setup();
  for (let n = 1; n <= 6; n++) log.warn('failed');
  log.error('failed');
  log.warn('recovered');
  expect(lines.slice(5)).toEqual(['failed', 'recovered']);
});

test('an event that is not frequent is not counted at the end', () => {
  const { log, lines } = setup();
  log.info('once');
  vi.advanceTimersByTime(20_000);
  expect(lines).toEqual(['once']);
});
