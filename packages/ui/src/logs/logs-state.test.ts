import { describe, expect, it } from 'vitest';
import { parseUrlSearch, printUrlSearch } from '../shell/url-search.ts';
import { hasLogFilters, logsQuestionOf, parseLogsState, withoutLogFilters } from './logs-state.ts';

const trace = 'a'.repeat(32);

describe('the address of a list of log records', () => {
  it('says everything that a link restores', () => {
    const state = {
      service: 'shop',
      severity: 'warn',
      text: 'card & co',
      where: ['user = ann', 'items > 2'],
      trace,
      span: 'b'.repeat(16),
      start: '2026-11-20T07:00:00.000Z',
      end: '2026-11-20T08:00:00.000Z',
      order: 'oldest',
    } as const;
    expect(parseLogsState(parseUrlSearch(printUrlSearch(state)))).toEqual(state);
    expect(parseLogsState({ last: '15m', live: 'on' })).toEqual({ last: '15m', live: 'on' });
  });

  it('is read without what makes no sense', () => {
    expect(
      parseLogsState({
        severity: 'loud',
        where: ['nonsense', 'user = ann'],
        trace: '12',
        span: 'b'.repeat(16),
        last: 'long',
        start: '2026-11-20T07:00:00.000Z',
        order: 'newest',
        live: 'off',
      }),
    ).toEqual({ where: ['user = ann'] });
  });

  it('is the question to the server', () => {
    const state = parseLogsState({ severity: 'error', where: ['user = ann'], trace });
    expect(logsQuestionOf(state, { start: 1, end: 2 })).toMatchObject({
      severity: 'error',
      conditions: [{ key: 'user', op: '=', value: 'ann' }],
      trace_id: trace,
      start: '1000000',
      end: '2000000',
      order: 'newest',
    });
  });

  it('has filters, or only times and order', () => {
    const state = parseLogsState({ text: 'x', last: '1d', order: 'oldest' });
    expect([hasLogFilters(state), hasLogFilters(withoutLogFilters(state))]).toEqual([true, false]);
    expect(withoutLogFilters(state)).toEqual({ last: '1d', order: 'oldest' });
  });
});
