import { expect, test } from 'vitest';
import { type Level, levels, parseFilter } from './levels.ts';

/** The least level that passes. */
const least = (filter: string, target: string): Level | undefined =>
  levels.find((level) => parseFilter(filter)(level, target));

test('a filter is a level for all, and others for what begins with a name', () => {
  expect(least('info', 'tornado_engine')).toBe('info');
  expect(least('warn,tornado=debug', 'tornado_engine')).toBe('debug');
  expect(least('warn,tornado=debug', 'http_server')).toBe('warn');
  expect(least('tornado=debug,tornado_engine=error', 'tornado_engine')).toBe('error');
  expect(least('tornado=info', 'http_server')).toBeUndefined();
  expect(least('off', 'tornado_engine')).toBeUndefined();
  expect(least(' WARN ', 'x')).toBe('warn');
});

test('what is no level is refused', () => {
  expect(() => parseFilter('loud')).toThrow('"loud" is not a level');
  expect(() => parseFilter('info,tornado=')).toThrow('"tornado=" is not a level');
});
