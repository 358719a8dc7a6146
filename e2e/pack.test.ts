import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { buildOnce, repository } from './support/build.ts';
import { eventually } from './support/eventually.ts';
import { Throughline } from './support/throughline.ts';
import { sendTraces } from './support/traces.ts';
import { buildUiOnce } from './support/ui-build.ts';

const run = promisify(execFile);
const folders = readdirSync(join(repository, 'packages')).toSorted();
/** Without what the test runner and npm put there: as in a user's shell. */
const env = { PATH: process.env['PATH'], HOME: process.env['HOME'] };

interface Packed {
  readonly name: string;
  readonly filename: string;
  /** Bytes. */
  readonly size: number;
  readonly files: readonly { readonly path: string; readonly mode: number }[];
}

let root = '';
let packed: readonly Packed[] = [];

beforeAll(async () => {
  await Promise.all([buildOnce(), buildUiOnce()]);
  root = mkdtempSync(join(tmpdir(), 'pack-'));
  mkdirSync(join(root, 'tarballs'));
  const workspaces = folders.flatMap((folder) => ['--workspace', `packages/${folder}`]);
  const { stdout } = await run(
    'npm',
    ['pack', '--json', '--ignore-scripts', '--pack-destination', join(root, 'tarballs'), ...workspaces],
    { cwd: repository, env, maxBuffer: 1 << 26 },
  );
  packed = JSON.parse(stdout) as Packed[];
}, 120_000);
afterAll(() => rmSync(root, { recursive: true, force: true }));

describe('the packages', () => {
  test('are all packed, and say what npm shows of them', () => {
    expect(packed).toHaveLength(folders.length);
    for (const folder of folders) {
      const manifest = JSON.parse(
        readFileSync(join(repository, 'packages', folder, 'package.json'), 'utf8'),
      ) as Record<string, unknown>;
      expect(manifest, folder).toMatchObject({
        version: '0.1.0',
        license: 'Apache-2.0',
        description: expect.stringMatching(/\w/) as unknown,
        keywords: expect.arrayContaining([expect.any(String)]) as unknown,
        publishConfig: { access: 'public' },
        engines: { node: '>=20.19' },
      });
    }
  });

  test('hold what their exports and commands name, and no tests, benches, sources or maps', () => {
    for (const { name, files } of packed) {
      const paths = files.map(({ path }) => path);
      const strange = paths.filter(
        (path) =>
          !/^(dist|bin)\/|^(package\.json|README\.md)$/.test(path) ||
          /\.(test|bench|test-kit)\.|\.map$/.test(path),
      );
      expect(strange, name).toEqual([]);
      expect(paths, name).toEqual(expect.arrayContaining(named(manifestOf(name))));
    }
    const command = packed
      .find(({ name }) => name === 'throughline')!
      .files.find(({ path }) => path === 'bin/throughline.js');
    expect(command!.mode & 0o111).toBe(0o111);
  });

  test('are small', () => {
    const sizes = Object.fromEntries(packed.map(({ name, size }) => [name, Math.ceil(size / 1024)]));
    console.log('KiB packed:', sizes);
    const all = Object.values(sizes).reduce((sum, size) => sum + size, 0);
    expect(all).toBeLessThan(1500);
  });
});

describe('installed in an empty folder', () => {
  let folder = '';
  let running: Throughline | undefined;

  beforeAll(async () => {
    folder = join(root, 'installed');
    mkdirSync(folder);
    writeFileSync(join(folder, 'package.json'), '{"private": true}\n');
    const tarballs = packed.map(({ filename }) => join(root, 'tarballs', filename));
    await run('npm', ['install', '--prefer-offline', '--no-audit', '--no-fund', ...tarballs], {
      cwd: folder,
      env,
    });
    running = await Throughline.start({
      program: join(folder, 'node_modules', 'throughline', 'bin', 'throughline.js'),
    });
  }, 240_000);
  afterAll(() => running?.stop());

  test('npx throughline --version prints the version', async () => {
    const { stdout } = await run('npx', ['--no-install', 'throughline', '--version'], { cwd: folder, env });
    expect(stdout).toBe('0.1.0\n');
  });

  test('nothing of the repository is in it', () => {
    const links = readdirSync(join(folder, 'node_modules'), { withFileTypes: true }).filter((entry) =>
      entry.isSymbolicLink(),
    );
    expect(links).toEqual([]);
  });

  test('a span that is sent is read back', async () => {
    const [traceId] = await sendTraces(running!.url('OTLP/HTTP'), [
      { service: 'packed', name: 'unpack', startMs: Date.now(), durationMs: 5 },
    ]);
    const trace = await eventually(async () => {
      const answer = await fetch(`${running!.url('UI and API')}/throughline/v1/traces/${traceId}`);
      return answer.ok && ((await answer.json()) as { spans: { service: string; name: string }[] });
    });
    expect(trace.spans).toMatchObject([{ service: 'packed', name: 'unpack' }]);
  });

  test('the web app is served with its files', async () => {
    const url = running!.url('UI and API');
    const page = await (await fetch(url)).text();
    expect(page).toContain('<title>Throughline</title>');
    const [, script] = /<script[^>]+src="([^"]+\.js)"/.exec(page.replaceAll('color-scheme.js', ''))!;
    const answer = await fetch(new URL(script!, `${url}/`));
    expect(answer.headers.get('content-type')).toMatch('text/javascript');
  });

  test('@throughline/node/register makes a service send its spans', async () => {
    writeFileSync(join(folder, 'service.mjs'), `await fetch('${running!.url('health')}');\n`);
    await run(process.execPath, ['--import', '@throughline/node/register', 'service.mjs'], {
      cwd: folder,
      env: {
        ...env,
        OTEL_SERVICE_NAME: 'registered',
        OTEL_EXPORTER_OTLP_ENDPOINT: running!.url('OTLP/HTTP'),
      },
    });
    const names = await eventually(async () => {
      const answer = await fetch(`${running!.url('UI and API')}/throughline/v1/services`);
      const { services } = (await answer.json()) as { services: { name: string }[] };
      return services.some(({ name }) => name === 'registered') && services.map(({ name }) => name);
    });
    expect(names).toContain('registered');
  });
});

describe('in the repository', () => {
  test('npx throughline runs the built program', async () => {
    const { stdout } = await run('npx', ['--no-install', 'throughline', '--version'], {
      cwd: repository,
      env,
    });
    expect(stdout).toBe('0.1.0\n');
  });
});

function manifestOf(name: string): object {
  const folder = folders.find((each) => [`@throughline/${each}`, each].includes(name))!;
  return JSON.parse(readFileSync(join(repository, 'packages', folder, 'package.json'), 'utf8')) as object;
}

/** Every file of the package that `bin` and `exports` name; what the `source` condition names is in the repository alone. */
function named(manifest: { bin?: unknown; exports?: unknown }): string[] {
  const files = (value: unknown): string[] => {
    if (typeof value === 'string') return [value.replace(/^\.\//, '')];
    if (typeof value !== 'object' || value === null) return [];
    return Object.entries(value).flatMap(([condition, inner]) =>
      condition === 'source' ? [] : files(inner),
    );
  };
  return [...files(manifest.bin), ...files(manifest.exports)];
}
