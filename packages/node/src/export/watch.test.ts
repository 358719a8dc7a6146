import { type ExportResult, ExportResultCode } from '@opentelemetry/core';
import { expect, test } from 'vitest';
import { ExportWatch, observed } from './watch.ts';

const success: ExportResult = { code: ExportResultCode.SUCCESS };
const refused: ExportResult = {
  code: ExportResultCode.FAILED,
  error: Object.assign(new Error('connect ECONNREFUSED 127.0.0.1:4318'), { code: 'ECONNREFUSED' }),
};

test('says once that exports fail and once that they work again', () => {
  const lines: string[] = [];
  const watch = new ExportWatch((line) => lines.push(line));
  watch.saw('spans', 5, success);
  expect(lines).toEqual([]);
  watch.saw('spans', 5, refused);
  watch.saw('log records', 2, refused);
  watch.saw('spans', 5, refused);
  expect(lines).toEqual([
    'throughline: cannot export spans: connect ECONNREFUSED 127.0.0.1:4318 (ECONNREFUSED); what is exported until it works is lost',
  ]);
  watch.saw('spans', 5, success);
  watch.saw('spans', 5, success);
  expect(lines.slice(1)).toEqual([
    expect.stringMatching(/^throughline: exporting spans again after \d+\.\d s; 12 were lost$/),
  ]);
  watch.saw('spans', 5, refused);
  expect(lines).toHaveLength(3);
});

test('tells the outcome of an export to both who asked and who watches', () => {
  const seen: unknown[] = [];
  const exporter = {
    export: (_items: string[], done: (result: ExportResult) => void) => done(refused),
    shutdown: async () => {},
  };
  observed(exporter, (items, result) => seen.push(items, result)).export(['a', 'b'], (result) =>
    seen.push(result),
  );
  expect(seen).toEqual([2, refused, refused]);
});
