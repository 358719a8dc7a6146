import type { TraceSummary } from '@throughline/query/api';
import { expect, test } from 'vitest';
import { mergeLive } from './use-live-traces.ts';

function trace(id: string, start: string, spans: number): TraceSummary {
  return {
    trace_id: id,
    start,
    spans,
    duration: 1,
    root_service: 's',
    root_operation: 'o',
    has_root: true,
    errors: 0,
    services: [],
    matched: 1,
  };
}

test('puts arrived and found traces in one order, the newest first', () => {
  const merged = mergeLive([trace('b', '1000', 1)], [trace('a', '999', 1), trace('c', '1001', 1)]);
  expect(merged.map((each) => each.trace_id)).toEqual(['c', 'b', 'a']);
});

test('shows of a trace in both the one with more spans', () => {
  const spans = (arrived: number, found: number) =>
    mergeLive([trace('a', '1', arrived)], [trace('a', '1', found)])[0]?.spans;
  expect(spans(2, 5)).toBe(5);
  expect(spans(5, 2)).toBe(5);
});

test('keeps a thousand', () => {
  const many = Array.from({ length: 1500 }, (_, i) => trace(`${i}`, `${i}`, 1));
  const merged = mergeLive(many, []);
  expect(merged).toHaveLength(1000);
  expect(merged[0]?.trace_id).toBe('1499');
});
