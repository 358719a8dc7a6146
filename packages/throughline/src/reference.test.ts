import { readFileSync } from 'node:fs';
import { referencePage } from '@throughline/pipeline';
import { expect, test } from 'vitest';
import { registry } from './registry.ts';

test('docs/config.md says what the schemas say (npm run docs writes it)', () => {
  const page = readFileSync(new URL('../../../docs/config.md', import.meta.url), 'utf8');
  expect(page).toBe(referencePage(registry));
});

test('every component and each of its settings is described', () => {
  expect(
    referencePage(registry)
      .split('\n')
      .filter((line) => /^\|.*\|\s*\|$/.test(line) && !line.includes('key |')),
  ).toEqual([]);
});
