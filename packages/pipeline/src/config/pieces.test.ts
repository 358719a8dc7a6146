import fc from 'fast-check';
import { expect, test } from 'vitest';
import { z } from 'zod';
import type { ComponentDefinition } from '../component.ts';
import { defineReceiver } from '../component.ts';
import { formatByteSize, parseByteSize } from './byte-size.ts';
import { originAllowed } from './cors.ts';
import { duration, formatDuration, parseDuration } from './duration.ts';
import { formatEndpoint, listenEndpoint, parseEndpoint } from './endpoint.ts';
import { retryOnFailure } from './sending.ts';
import { clientTls, serverTls } from './tls.ts';

const messages = (schema: z.ZodType, value: unknown) =>
  schema.safeParse(value).error?.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`) ?? [];

test('durations are read as Go writes them', () => {
  expect(['5s', '1m30s', '200ms', '1.5h', '0', '250us', '0.5s', '2h0m1s'].map(parseDuration)).toEqual([
    5000, 90_000, 200, 5_400_000, 0, 0.25, 500, 7_201_000,
  ]);
});

test('what Go would not read as a duration is refused', () => {
  for (const text of ['', '5', 's', '5 s', '5sec', '-5s', '1d', '5s ', '5S'])
    expect(parseDuration(text), text).toBeUndefined();
  expect(messages(duration(), 'soon')).toEqual([
    ': expected a duration such as 200ms, 5s or 1m30s, got "soon"',
  ]);
  expect(messages(duration(), 5)).toEqual([': expected a duration such as 200ms, 5s or 1m30s']);
});

test('a duration reads back as it was written', () => {
  fc.assert(
    fc.property(fc.nat(1e9), (ms) => {
      expect(parseDuration(formatDuration(ms))).toBe(ms);
    }),
  );
});

test('byte sizes are read with decimal and binary units', () => {
  expect(['4096', '10GiB', '500MB', '1.5 kb', '2kib'].map(parseByteSize)).toEqual([
    4096,
    10 * 2 ** 30,
    5e8,
    1500,
    2048,
  ]);
  for (const text of ['', '10k', '-1', '1e9', 'GiB', '10 Gigs'])
    expect(parseByteSize(text), text).toBeUndefined();
});

test('a byte size reads back as it was written', () => {
  fc.assert(
    fc.property(fc.nat(2 ** 30), fc.integer({ min: 0, max: 20 }), (number, power) => {
      expect(parseByteSize(formatByteSize(number * 2 ** power))).toBe(number * 2 ** power);
    }),
  );
});

test('endpoints are read with names, addresses and without a host', () => {
  expect(['127.0.0.1:4317', '[::1]:80', ':4318', 'collector:0'].map(parseEndpoint)).toEqual([
    { host: '127.0.0.1', port: 4317 },
    { host: '::1', port: 80 },
    { host: '', port: 4318 },
    { host: 'collector', port: 0 },
  ]);
  for (const text of ['', '4317', 'host', 'host:', '::1:80', 'host:70000', 'http://host:1', 'a b:1'])
    expect(parseEndpoint(text), text).toBeUndefined();
  for (const text of ['127.0.0.1:4317', '[::1]:80', ':4318'])
    expect(formatEndpoint(parseEndpoint(text)!)).toBe(text);
});

test('an origin is allowed by name or by a pattern with stars', () => {
  const allowed = ['https://app.example.com', 'https://*.example.org', 'http://localhost:*'];
  const origins = [
    'https://app.example.com',
    'https://APP.example.com',
    'https://a.b.example.org',
    'http://localhost:5173',
    'https://appXexample.com',
    'https://app.example.com.evil.net',
    'https://example.org',
  ];
  expect(origins.filter((origin) => originAllowed(origin, allowed))).toEqual(origins.slice(0, 4));
  expect(originAllowed('https://anything', ['*'])).toBe(true);
});

test('settings that contradict each other are refused by the key to change', () => {
  expect(messages(retryOnFailure(), { maxElapsedTime: '2s' })).toEqual([
    'maxElapsedTime: must not be less than max_interval',
  ]);
  expect(messages(clientTls(), { certFile: 'a.pem' })).toEqual([
    'certFile: cert_file and key_file need each other',
  ]);
  expect(
    messages(serverTls(), { certFile: 'a', keyFile: 'b', minVersion: '1.3', maxVersion: '1.2' }),
  ).toEqual(['minVersion: min_version is newer than max_version']);
});

test('a definition with any configuration can stand in a list of definitions', () => {
  const receiver = defineReceiver({
    type: 'one',
    signals: ['traces'],
    config: z.strictObject({ endpoint: listenEndpoint('127.0.0.1:1') }),
    create: ({ endpoint }, _next, env) => ({
      start: async () => env.listening({ what: endpoint.host, url: String(endpoint.port) }),
      stop: async () => {},
    }),
  });
  const list: readonly ComponentDefinition[] = [receiver];
  expect(list).toHaveLength(1);
});
