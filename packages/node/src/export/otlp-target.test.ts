import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { otlpTargetFromEnv } from './otlp-target.ts';

let warnings = '';
beforeEach(() => {
  warnings = '';
  for (const name of Object.keys(process.env).filter((each) => each.startsWith('OTEL_')))
    vi.stubEnv(name, undefined);
  vi.spyOn(process.stderr, 'write').mockImplementation((text) => Boolean((warnings += String(text))));
});
afterEach(() => {
  vi.unstubAllEnvs();
  vi.restoreAllMocks();
});

const given = (variables: Record<string, string>, protocol: 'http/protobuf' | 'grpc' = 'http/protobuf') => {
  for (const [name, value] of Object.entries(variables)) vi.stubEnv(`OTEL_EXPORTER_OTLP_${name}`, value);
  return otlpTargetFromEnv(protocol);
};

test('nothing said is this machine, ten seconds and no compression', () => {
  const target = given({});
  expect(target).toMatchObject({ headers: {}, timeoutMs: 10_000, gzip: false, tls: {} });
  expect([target.url.href, given({}, 'grpc').url.href]).toEqual([
    'http://localhost:4318/v1/traces',
    'http://localhost:4317/',
  ]);
});

describe('over HTTP', () => {
  test.each([
    ['http://c:4318', 'http://c:4318/v1/traces'],
    ['http://c:4318/', 'http://c:4318/v1/traces'],
    ['https://c/otlp', 'https://c/otlp/v1/traces'],
    ['https://c/otlp/?tenant=a', 'https://c/otlp/v1/traces?tenant=a'],
  ])('the endpoint %s of all signals is a base', (endpoint, url) => {
    expect(given({ ENDPOINT: endpoint }).url.href).toBe(url);
  });

  test.each([
    ['http://c:4318', 'http://c:4318/'],
    ['http://c:4318/some/path', 'http://c:4318/some/path'],
  ])('the endpoint %s of traces is used as it is', (endpoint, url) => {
    expect(given({ ENDPOINT: 'http://other:1', TRACES_ENDPOINT: endpoint }).url.href).toBe(url);
  });
});

describe('over gRPC', () => {
  test.each([
    [{ ENDPOINT: 'http://c:4317' }, 'http://c:4317'],
    [{ ENDPOINT: 'https://c:4317/path' }, 'https://c:4317'],
    [{ ENDPOINT: 'c:4317' }, 'https://c:4317'],
    [{ ENDPOINT: 'c:4317', INSECURE: 'true' }, 'http://c:4317'],
    [{ ENDPOINT: 'https://c:4317', INSECURE: 'true' }, 'https://c:4317'],
    [{ ENDPOINT: 'c:4317', INSECURE: 'true', TRACES_INSECURE: 'false' }, 'https://c:4317'],
  ])('%o is %s', (variables, origin) => {
    expect(given(variables, 'grpc').url.origin).toBe(origin);
  });
});

test('what is said of traces wins over what is said of all; headers are merged', () => {
  const target = given({
    HEADERS: 'tenant=blue,api-key=a%20b',
    TRACES_HEADERS: 'tenant=red',
    TIMEOUT: '1000',
    TRACES_TIMEOUT: '2000',
    COMPRESSION: 'none',
    TRACES_COMPRESSION: 'gzip',
  });
  expect(target).toMatchObject({ headers: { tenant: 'red', 'api-key': 'a b' }, timeoutMs: 2000, gzip: true });
});

test('certificates are read from files', () => {
  const folder = mkdtempSync(join(tmpdir(), 'otlp-target-'));
  const file = (name: string) => {
    writeFileSync(join(folder, name), name);
    return join(folder, name);
  };
  const { tls } = given({
    CERTIFICATE: file('ca'),
    CLIENT_CERTIFICATE: file('other'),
    TRACES_CLIENT_CERTIFICATE: file('cert'),
    CLIENT_KEY: file('key'),
  });
  rmSync(folder, { recursive: true });
  expect({ ca: String(tls.ca), cert: String(tls.cert), key: String(tls.key) }).toEqual({
    ca: 'ca',
    cert: 'cert',
    key: 'key',
  });
});

test('what cannot be used is said, and left out', () => {
  const target = given({
    ENDPOINT: 'localhost:4318',
    TIMEOUT: 'soon',
    TRACES_COMPRESSION: 'zstd',
    CERTIFICATE: '/no/such/file',
  });
  expect(target).toMatchObject({ timeoutMs: 10_000, gzip: false, tls: {} });
  expect(target.url.href).toBe('http://localhost:4318/v1/traces');
  expect(warnings)
    .toBe(`throughline: OTEL_EXPORTER_OTLP_ENDPOINT=localhost:4318 is not a URL of http or https; spans are sent to this machine
throughline: OTEL_EXPORTER_OTLP_TIMEOUT=soon is not a number of milliseconds; 10000 is used
throughline: OTEL_EXPORTER_OTLP_TRACES_COMPRESSION=zstd is neither gzip nor none; nothing is compressed
throughline: OTEL_EXPORTER_OTLP_CERTIFICATE: ENOENT: no such file or directory, open '/no/such/file'
`);
});
