import type { SpanId, TraceId, UnixNanos } from '@throughline/model';
import { describe, expect, it } from 'vitest';
import { traceShape } from './trace-shape.ts';
import { traceWarnings } from './trace-warnings.ts';

/** `a b:a c:x` is span a without a parent, b whose parent is a, c whose parent is x. */
function shape(text: string) {
  const parts = text.split(' ').map((part) => part.split(':'));
  const ids = parts.map(([id]) => id as SpanId);
  return {
    ids,
    ...traceShape(
      ids,
      parts.map(([, parent]) => parent ?? ''),
    ),
  };
}

describe('the shape of a trace', () => {
  it('has the index of each parent, wherever it stands', () => {
    expect([...shape('b:a a c:b').parent]).toEqual([1, -1, 0]);
  });

  it('names spans whose parent is not stored', () => {
    const { parent, missing } = shape('a b:x c:x d:b');
    expect([...parent]).toEqual([-1, -2, -2, 1]);
    expect(missing).toEqual([
      [1, 'x'],
      [2, 'x'],
    ]);
  });

  it('takes the earliest of several spans with one id as the parent', () => {
    const { parent, duplicates } = shape('a b:a a:b c:a');
    expect([...parent]).toEqual([-1, 0, 1, 0]);
    expect(duplicates).toEqual([2]);
  });

  it('cuts a cycle at its earliest span', () => {
    expect(shape('a:a').cycles).toEqual([0]);
    const { parent, cycles } = shape('r d:c a:b b:c c:a x:d y:z z:y');
    expect([...parent]).toEqual([-1, 4, -1, 4, 2, 1, -1, 6]);
    expect(cycles).toEqual([2, 6]);
  });
});

describe('warnings', () => {
  const head = {
    traceId: 't' as TraceId,
    start: 0n as UnixNanos,
    duration: 0,
    rootService: '',
    rootOperation: '',
    hasRoot: true,
    spans: 0,
    errors: 0,
    received: 1_000,
  };
  const warnings = (text: string, startsMs: number[], changes: { hasRoot?: boolean; now?: number } = {}) => {
    const { ids, ...rest } = shape(text);
    const { hasRoot = true, now = 2_000 } = changes;
    const starts = Float64Array.from(startsMs, (ms) => ms * 1e6);
    return traceWarnings({ ...head, hasRoot }, rest, ids, starts, now).map(({ kind, count, spanIds }) =>
      `${kind} ${count} ${spanIds.join()}`.trim(),
    );
  };

  it('are none for a whole trace, even where clocks tick in milliseconds', () => {
    expect(warnings('a b:a', [0, -1])).toEqual([]);
  });

  it('tell of a root and of parents that are not stored', () => {
    expect(warnings('b:x c:x d:b', [0, 0, 0], { hasRoot: false })).toEqual([
      'missing_root 1',
      'missing_parent 2 b,c',
    ]);
  });

  it('tell of spans that start before their parents', () => {
    expect(warnings('b:a a', [0, 1.5])).toEqual(['clock_skew 1 b']);
  });

  it('tell of ids used twice and of cycles', () => {
    expect(warnings('a a', [0, 0])).toEqual(['duplicate_span_id 1 a']);
    expect(warnings('a:b b:a', [0, 0])).toEqual(['cycle 1 a']);
  });

  it('tell that more may follow while the newest span is seconds old', () => {
    expect(warnings('a', [0], { now: 1_004 })).toEqual(['still_arriving 1']);
    expect(warnings('a', [0], { now: 1_006 })).toEqual([]);
  });
});
