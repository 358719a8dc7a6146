import { expect } from 'vitest';
import { stringify } from 'yaml';
import { z } from 'zod';
import type { ComponentDefinition } from '../component.ts';
import { loadConfig, type Config } from '../config/load.ts';
import { printConfig } from '../config/print.ts';
import { ConfigError } from '../config/problems.ts';
import { createRegistry, type Section } from '../config/registry.ts';
import { formatPath, toSnake, written, type Path } from '../config/schema.ts';

/** What every kit knows of a component: its definition, and a working section of a file, with the file's keys. */
export interface ConfigSetup {
  readonly definition: ComponentDefinition;
  readonly section: Readonly<Record<string, unknown>>;
}

const sectionOf = (definition: ComponentDefinition): Section => `${definition.kind}s`;

/** The setup's section, read as from a file. */
export function readSection({ definition, section }: ConfigSetup): unknown {
  return load(definition, section).components[sectionOf(definition)].get(definition.type)!.config;
}

/** A file with this component alone; complaints about the missing rest are left out. */
function load(definition: ComponentDefinition, section: unknown): Config {
  const registry = createRegistry([definition, ...fillers]);
  const file = {
    receivers: { filler: null },
    exporters: { filler: null },
    service: { pipelines: { traces: { receivers: ['filler'], exporters: ['filler'] } } },
  } as Record<string, Record<string, unknown>>;
  file[sectionOf(definition)] = { ...file[sectionOf(definition)], [definition.type]: section };
  return loadConfig(stringify(file), { file: 'file', registry, env: () => undefined });
}

const idle = { start: async () => {}, stop: async () => {} };
const fillers: readonly ComponentDefinition[] = [
  {
    kind: 'receiver',
    type: 'filler',
    signals: ['traces', 'logs'],
    config: z.strictObject({}),
    create: () => idle,
  },
  {
    kind: 'exporter',
    type: 'filler',
    signals: ['traces', 'logs'],
    config: z.strictObject({}),
    create: () => ({ ...idle, delivery: { maxBytes: 1, maxDelayMs: 1 }, deliver: async () => {} }),
  },
];

/** What every component's configuration keeps. */
export const configCases = {
  'has a name that a file can use': async ({ definition }: ConfigSetup) => {
    for (const name of [definition.type, ...(definition.aliases ?? [])])
      expect(name).toMatch(/^[a-z][a-z0-9_]*$/);
  },
  'describes itself and each of its keys': async ({ definition }: ConfigSetup) => {
    expect(undescribed(definition.config, [definition.type])).toEqual([]);
  },
  'refuses an unknown key by path, at every depth of its section': async ({
    definition,
    section,
  }: ConfigSetup) => {
    for (const { path, section: changed } of withUnknownKeys(definition.config, section)) {
      const expected = formatPath([sectionOf(definition), definition.type, ...path]);
      expect(problemsOf(definition, changed), expected).toContain(expected);
    }
  },
  'prints a configuration that reads back as the same': async ({ definition, section }: ConfigSetup) => {
    const config = load(definition, section);
    const printed = printConfig(config);
    const again = loadConfig(printed, {
      file: 'printed',
      registry: createRegistry([definition, ...fillers]),
      env: () => undefined,
    });
    expect(printConfig(again)).toBe(printed);
  },
};

function problemsOf(definition: ComponentDefinition, section: unknown): string[] {
  try {
    load(definition, section);
    return [];
  } catch (error) {
    if (error instanceof ConfigError) return error.problems.map(({ path }) => formatPath(path));
    throw error;
  }
}

/** Paths of the keys that have no description, in the file's spelling. */
function undescribed(schema: z.core.$ZodType, path: Path): string[] {
  const inner = written(schema) as z.core.$ZodTypes;
  const own = described(schema) ? [] : [formatPath(path)];
  if (inner._zod.def.type !== 'object') return own;
  return [
    ...own,
    ...Object.entries(inner._zod.def.shape).flatMap(([key, value]) =>
      undescribed(value, [...path, toSnake(key)]),
    ),
  ];
}

function described(schema: z.core.$ZodType): boolean {
  if (z.globalRegistry.get(schema)?.description !== undefined) return true;
  const { def } = (schema as z.core.$ZodTypes)._zod;
  return 'innerType' in def && described(def.innerType);
}

/** The section once for each object in it, with a key added that nobody knows. */
function* withUnknownKeys(
  schema: z.core.$ZodType,
  section: unknown,
  path: Path = [],
): Generator<{ path: Path; section: unknown }> {
  const { def } = written(schema)._zod as z.core.$ZodTypes['_zod'];
  if (def.type !== 'object') return;
  const here = (section ?? {}) as Record<string, unknown>;
  yield { path: [...path, 'no_such_key'], section: { ...here, no_such_key: 1 } };
  for (const [key, inner] of Object.entries(def.shape)) {
    const name = toSnake(key);
    if (here[name] === undefined) continue;
    for (const change of withUnknownKeys(inner, here[name], [...path, name]))
      yield { path: change.path, section: { ...here, [name]: change.section } };
  }
}
