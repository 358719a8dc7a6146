import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { baggageFromEnv, batchSpansFromEnv, checkMessagingVariables, relationFromEnv } from './settings.ts';

let said = '';
beforeEach(() => {
  vi.spyOn(process.stderr, 'write').mockImplementation((text) => {
    said += String(text);
    return true;
  });
});
afterEach(() => {
  vi.restoreAllMocks();
  vi.unstubAllEnvs();
});

const settings = (): unknown[] => [relationFromEnv(), batchSpansFromEnv(), baggageFromEnv()];

test('messaging is as its variables say', () => {
  expect(settings()).toEqual(['child', 'links', false]);
  vi.stubEnv('THROUGHLINE_MESSAGING_CONSUMERS', 'link');
  vi.stubEnv('THROUGHLINE_MESSAGING_BATCHES', 'children');
  vi.stubEnv('THROUGHLINE_MESSAGING_BAGGAGE', 'on');
  expect(settings()).toEqual(['link', 'children', true]);
  expect(said).toBe('');
});

test('a value that is not understood is said once, and the default is used', () => {
  vi.stubEnv('THROUGHLINE_MESSAGING_CONSUMERS', 'parent');
  vi.stubEnv('THROUGHLINE_MESSAGING_BAGGAGE', 'true');
  checkMessagingVariables();
  expect(settings()).toEqual(['child', 'links', false]);
  expect(said).toBe(`throughline: THROUGHLINE_MESSAGING_CONSUMERS=parent is none of child, link; child is used
throughline: THROUGHLINE_MESSAGING_BAGGAGE=true is none of off, on; off is used
`);
});
