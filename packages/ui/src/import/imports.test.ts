import type { ImportResult } from '@throughline/query/api';
import { describe, expect, it } from 'vitest';
import { destinationOf, sizeText, tracesOf, type ImportedFile } from './imports.ts';

function file(traces: readonly string[], more: Partial<ImportResult> = {}): ImportedFile {
  const result = {
    trace_count: traces.length,
    traces: traces.map((trace_id) => ({ trace_id })),
    stored: true,
    problem_count: 0,
    ...more,
  } as ImportResult;
  return { id: 1, name: 'x.json', bytes: 1, outcome: { state: 'done', result } };
}
const failed: ImportedFile = { ...file([]), outcome: { state: 'failed', error: new Error('no') } };

describe('what is shown after files are read', () => {
  it.each([
    ['their only trace', [file(['a'])], { kind: 'trace', traceId: 'a' }],
    ['the trace that several are of', [file(['a']), file(['a'])], { kind: 'trace', traceId: 'a' }],
    [
      'the log records of one without traces',
      [file([], { log_start: '1', log_end: '2' })],
      { kind: 'logs', start: '1', end: '2' },
    ],
    ['a list of several traces', [file(['a', 'b'])], { kind: 'list' }],
    ['a list of more traces than are named', [file(['a'], { trace_count: 2 })], { kind: 'list' }],
    ['problems', [file(['a'], { problem_count: 1 })], { kind: 'list' }],
    ['a failure beside a trace', [file(['a']), failed], { kind: 'list' }],
    ['that it is not stored yet', [file(['a'], { stored: false })], { kind: 'list' }],
    ['that there was nothing', [file([])], { kind: 'list' }],
  ] as const)('is %s', (_, files, destination) => {
    expect(destinationOf(files)).toEqual(destination);
  });

  it('has each trace once', () => {
    expect(tracesOf([file(['a', 'b']), failed, file(['b', 'c'])]).map(({ trace_id }) => trace_id)).toEqual([
      'a',
      'b',
      'c',
    ]);
  });
});

it('says sizes in few digits', () => {
  expect([7, 1_234, 67_890, 1_500_000, 67_899_803, 2e9].map(sizeText)).toEqual([
    '7 bytes',
    '1.2 KB',
    '68 KB',
    '1.5 MB',
    '68 MB',
    '2.0 GB',
  ]);
});
