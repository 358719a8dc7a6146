import { expect, test } from 'vitest';
import { otlpEndpoint, reachable } from './listening.ts';
import { snippets } from './snippets.ts';

test('names this server in every language', () => {
  const all = snippets('http://tracing.example:4318');
  expect(all.map((each) => each.name)).toEqual(['Node', 'Python', 'Go', 'Java', 'curl']);
  for (const { steps } of all) {
    expect(steps.map((step) => step.code).join('\n')).toContain('http://tracing.example:4318');
  }
});

test('puts the host of the page in the place of "every interface"', () => {
  expect(reachable('http://0.0.0.0:4318', 'box')).toBe('http://box:4318');
  expect(reachable('http://[::]:4318', 'box')).toBe('http://box:4318');
  expect(reachable('http://10.0.0.0:4318', 'box')).toBe('http://10.0.0.0:4318');
});

test('finds where OTLP over HTTP is listened for', () => {
  const listening = [
    { what: 'OTLP/gRPC', url: 'http://127.0.0.1:4317' },
    { what: 'OTLP/HTTP', url: 'http://127.0.0.1:4318/' },
  ];
  expect(otlpEndpoint(listening, 'box')).toBe('http://127.0.0.1:4318');
  expect(otlpEndpoint(listening.slice(0, 1), 'box')).toBeUndefined();
});
