import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { loadConfig, printConfig } from '@throughline/pipeline';
import { defaultConfig, registry } from 'throughline';
import { describe, expect, it } from 'vitest';
import { keptResults, page, withFigures } from '../benchmarks/results.ts';
import { usage } from '../packages/throughline/src/command-line.ts';
import { importTable } from './import-table.ts';

const root = new URL('..', import.meta.url).pathname;
const read = (file: string) => readFileSync(join(root, file), 'utf8');
const list = (folder: string) => readdirSync(join(root, folder)).map((name) => join(folder, name));

const pages = [
  ...['.', 'docs', 'docs/decisions', 'benchmarks', 'benchmarks/results'].flatMap(list),
  ...[...list('packages'), ...list('examples')].flatMap(list),
].filter((file) => file.endsWith('.md'));

/** Commands and what is quoted as code: blocks of a shell, and code in the text. */
function code(file: string): string[] {
  const text = read(file);
  const blocks = [...text.matchAll(/^```(?:sh|bash)?\n([^]*?)^```/gm)].flatMap(([, block]) =>
    block!.split('\n'),
  );
  return [
    ...blocks,
    ...[...text.replace(/^```[^]*?^```/gm, '').matchAll(/`([^`\n]+)`/g)].map(([, span]) => span!),
  ];
}

describe('the documentation', () => {
  it('is there', () => {
    expect(pages).toEqual(
      expect.arrayContaining([
        'README.md',
        'ARCHITECTURE.md',
        'CHANGELOG.md',
        'CONTRIBUTING.md',
        'docs/config.md',
      ]),
    );
  });

  it('links to files that exist', () => {
    const broken = pages.flatMap((file) =>
      [...read(file).matchAll(/\]\(([^)\s]+)\)/g)]
        .map(([, target]) => target!.replace(/#.*/, ''))
        .filter((target) => target !== '' && !/^https?:/.test(target))
        .filter((target) => !existsSync(join(root, dirname(file), target)))
        .map((target) => `${file}: ${target}`),
    );
    expect(broken).toEqual([]);
  });

  it('names files that exist', () => {
    const missing = pages.flatMap((file) =>
      code(file)
        .filter((span) => /^(packages|examples|e2e|tests|scripts|benchmarks|docs)\/[\w./-]+$/.test(span))
        .filter((path) => !existsSync(join(root, path)))
        .map((path) => `${file}: ${path}`),
    );
    expect(missing).toEqual([]);
  });

  it('names npm scripts that exist', () => {
    const scriptsOf = (file: string) =>
      Object.keys((JSON.parse(read(file)) as { scripts?: Record<string, string> }).scripts ?? {});
    const everywhere = new Set([
      ...scriptsOf('package.json'),
      ...[...list('packages'), ...list('examples')].flatMap((folder) =>
        scriptsOf(join(folder, 'package.json')),
      ),
    ]);
    const missing = pages.flatMap((file) =>
      code(file)
        .map((line) => /npm (?:run )?(start|test|(?<=run )[\w:]+)/.exec(line)?.[1])
        .filter((script) => script !== undefined && !everywhere.has(script))
        .map((script) => `${file}: ${script}`),
    );
    expect(missing).toEqual([]);
  });

  it('names commands, options and variables of the program as its help does', () => {
    const known = (word: string) => new RegExp(`(^|[^\\w-])${word}($|[^\\w-])`, 'm').test(usage);
    const ofProgram = pages.filter((file) => !file.startsWith('benchmarks/'));
    const unknown = ofProgram.flatMap((file) =>
      code(file)
        .filter((line) => /\bthroughline (--|[a-z])|^--[a-z]|\bTHROUGHLINE_|^npm start -- /.test(line))
        .flatMap((line) => [
          ...line
            .replace(/#.*/, '')
            .matchAll(/(?<=^| )--[a-z-]+|\bTHROUGHLINE_\w+|(?<=\bthroughline )[a-z][\w-]*/g),
        ])
        .map(([word]) => word)
        .filter((word) => !known(word) && !readmeOfNode.includes(word))
        .map((word) => `${file}: ${word}`),
    );
    expect(unknown).toEqual([]);
  });

  it('shows configurations that are accepted', () => {
    const examples = pages.flatMap((file) =>
      [...read(file).matchAll(/^```yaml\n([^]*?)^```/gm)].map(([, text]) => ({ file, text: text! })),
    );
    expect(examples.length).toBeGreaterThan(0);
    for (const { file, text } of examples) loadConfig(text, { file, registry, env: () => undefined });
  });

  it('names the ports that are listened on without a configuration', () => {
    const config = printConfig(
      loadConfig(defaultConfig, { file: 'default', registry, env: () => undefined }),
    );
    const ports = [...config.matchAll(/127\.0\.0\.1:(\d+)/g), ...config.matchAll(/port: (\d+)/g)].map(
      ([, port]) => port,
    );
    const documented = [...read('README.md').matchAll(/^\| (\d{4,5}) +\|/gm)].map(([, port]) => port);
    expect(new Set(documented)).toEqual(new Set(ports));
  });

  it('has the import table', () => {
    const rows = [...read('ARCHITECTURE.md').matchAll(/^\| `(\w+)` +\|[^|]*\|([^|]*)\|$/gm)].map(
      ([, name, imports]) => [name, [...imports!.matchAll(/`(\w+)`/g)].map(([, each]) => each)],
    );
    expect(Object.fromEntries(rows)).toEqual(importTable);
  });

  it('lists every decision', () => {
    const decisions = readdirSync(join(root, 'docs/decisions')).filter((file) => /^\d{3}-/.test(file));
    expect(decisions.filter((file) => !read('docs/decisions/README.md').includes(`](${file})`))).toEqual([]);
    const numbers = decisions.map((file) => file.slice(0, 3));
    expect(new Set(numbers).size).toBe(numbers.length);
  });

  it('quotes figures of kept results, and no others', () => {
    expect(read('README.md')).toBe(withFigures(read('README.md'), keptResults()));
    expect(read('benchmarks/results/README.md')).toBe(page(keptResults()));
  });
});

/** Variables of the package for applications are its own business. */
const readmeOfNode = `${read('packages/node/README.md')}${read('examples/frontend-backend/README.md')}`;
