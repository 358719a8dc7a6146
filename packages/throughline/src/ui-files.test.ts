import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { UiFiles } from './ui-files.ts';

let folder = '';
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'ui-'));
  mkdirSync(join(folder, 'assets'));
  writeFileSync(join(folder, 'index.html'), '<head><base href="/" /></head>');
  writeFileSync(join(folder, 'assets', 'app-1a2b.js'), 'run()');
});
afterAll(() => rmSync(folder, { recursive: true }));

const get = (path: string, { base = '', headers = {} as Record<string, string> } = {}) =>
  new UiFiles(folder, base).respond(path, new Headers(headers));

test('every page of the app is index.html, which says where the app is mounted', async () => {
  expect(await (await get('/')).text()).toBe('<head><base href="/" /></head>');
  const page = await get('/trace/0123', { base: '/tracing' });
  expect(await page.text()).toBe('<head><base href="/tracing/" /></head>');
  expect(page.headers.get('content-type')).toBe('text/html; charset=utf-8');
});

test('files whose names change with their content may be kept for ever, pages must be asked for', async () => {
  expect((await get('/assets/app-1a2b.js')).headers.get('cache-control')).toBe(
    'public, max-age=31536000, immutable',
  );
  expect((await get('/')).headers.get('cache-control')).toBe('no-cache');
});

test('what the browser has already is not sent again', async () => {
  const etag = (await get('/')).headers.get('etag')!;
  expect((await get('/', { headers: { 'if-none-match': etag } })).status).toBe(304);
  expect((await get('/', { base: '/other', headers: { 'if-none-match': etag } })).status).toBe(200);
});

test('files are compressed for those who understand it', async () => {
  const zipped = await get('/assets/app-1a2b.js', { headers: { 'accept-encoding': 'br, gzip' } });
  expect(zipped.headers.get('content-encoding')).toBe('gzip');
  expect(gunzipSync(Buffer.from(await zipped.arrayBuffer())).toString()).toBe('run()');
  const plain = await get('/assets/app-1a2b.js');
  expect(plain.headers.get('content-encoding')).toBeNull();
  expect(await plain.text()).toBe('run()');
});

test('a file that is not there is not found, and nothing outside the folder is', async () => {
  expect((await get('/assets/gone.js')).status).toBe(404);
  expect((await get('/../../etc/passwd.txt')).status).toBe(404);
});

test('without a built app nothing is found', async () => {
  expect((await new UiFiles(join(folder, 'none'), '').respond('/', new Headers())).status).toBe(404);
});
