import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { importTable as table } from './import-table.ts';

/** The web app knows the query API by its types alone. */
const typesOnly: Record<string, readonly string[]> = { ui: ['@throughline/query/api'] };

const root = new URL('..', import.meta.url).pathname;

interface Import {
  readonly file: string;
  readonly from: string;
  readonly typeOnly: boolean;
}

function importsOf(name: string): Import[] {
  const folder = join(root, 'packages', name, 'src');
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((file) => /\.tsx?$/.test(file) && !/\.(test|bench)\.tsx?$/.test(file))
    .flatMap((file) =>
      [
        ...readFileSync(join(folder, file), 'utf8').matchAll(
          /^\s*(import|export)\s(type\s)?[^'"]*?from\s+['"]([^'"]+)['"]|import\(\s*['"]([^'"]+)['"]/gm,
        ),
      ].map(([, , type, from, dynamic]) => ({
        file,
        from: (from ?? dynamic)!,
        typeOnly: type !== undefined,
      })),
    );
}

const packages = readdirSync(join(root, 'packages'));

describe('the import table', () => {
  it('names every package', () => {
    expect(Object.keys(table).toSorted()).toEqual(packages.toSorted());
  });

  for (const name of packages) {
    it(`holds for ${name}`, () => {
      const imports = importsOf(name);
      const forbidden = imports
        .filter(({ from }) => from.startsWith('@throughline/') || from === 'throughline')
        .filter(({ from, typeOnly }) => {
          if (typeOnly && typesOnly[name]?.includes(from)) return false;
          return (
            !table[name]!.includes(from.split('/')[1] ?? from) || from.startsWith(`@throughline/${name}/`)
          );
        });
      expect(forbidden).toEqual([]);
      const outside = imports.filter(({ file, from }) => from.startsWith('.') && leaves(file, from));
      expect(outside).toEqual([]);
    });
  }

  it('keeps I/O out of the model', () => {
    expect(importsOf('model').filter(({ from }) => !from.startsWith('.'))).toEqual([]);
  });

  it('lets @throughline/node use OpenTelemetry, what hooks modules and what reads its file, and nothing else', () => {
    const others = importsOf('node').filter(
      ({ file, from, typeOnly }) =>
        !typeOnly &&
        !/(^|\/)testing\/|\.test-kit\.ts$/.test(file) &&
        !/^(\.|node:|@opentelemetry\/|@fastify\/otel$|import-in-the-middle|require-in-the-middle|yaml$)/.test(
          from,
        ),
    );
    expect(others).toEqual([]);
  });
});

/** Whether a relative import leads out of its package's src folder. */
function leaves(file: string, from: string): boolean {
  return join(file, '..', from).startsWith('..') && !from.endsWith('package.json');
}
