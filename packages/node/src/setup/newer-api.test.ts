import { trace } from '@opentelemetry/api';
import { TracerProvider } from '@opentelemetry/sdk-trace';
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { serveNewerApi } from './newer-api.ts';

const [node = '', script = ''] = process.argv;
const own = dirname(dirname(dirname(createRequire(import.meta.url).resolve('@opentelemetry/api'))));
const ownVersion = (JSON.parse(readFileSync(join(own, 'package.json'), 'utf8')) as { version: string })
  .version;
let folder: string;

beforeEach(() => (folder = mkdtempSync(join(tmpdir(), 'newer-api-'))));
afterEach(() => {
  process.argv = [node, script];
  Reflect.deleteProperty(globalThis, Symbol.for('opentelemetry.js.api.1'));
  rmSync(folder, { recursive: true });
});

/** An application which has the API in this version. */
function application(version: string) {
  const api = join(folder, 'node_modules/@opentelemetry/api');
  const files = ['package.json', 'build/src/version.js'] as const;
  cpSync(join(own, 'build/src'), join(api, 'build/src'), {
    recursive: true,
    filter: (file) => !/\.(?:map|d\.ts)$/.test(file),
  });
  cpSync(join(own, files[0]), join(api, files[0]));
  for (const file of files) {
    const text = readFileSync(join(api, file), 'utf8');
    writeFileSync(join(api, file), text.replaceAll(ownVersion, version));
  }
  process.argv[1] = join(folder, 'app.js');
  return createRequire(process.argv[1])('@opentelemetry/api') as { trace: typeof trace };
}

test('spans that the application makes with a newer API are recorded', () => {
  const { trace: its } = application('1.99.3');
  trace.setGlobalTracerProvider(new TracerProvider());
  expect(its.getTracer('app').startSpan('one').isRecording()).toBe(false);
  serveNewerApi();
  expect(its.getTracer('app').startSpan('two').isRecording()).toBe(true);
  expect(trace.getTracer('own').startSpan('three').isRecording()).toBe(true);
});

test('an older API of the application changes nothing', () => {
  const { trace: its } = application('1.3.0');
  trace.setGlobalTracerProvider(new TracerProvider());
  serveNewerApi();
  expect(its.getTracer('app').startSpan('one').isRecording()).toBe(true);
});
