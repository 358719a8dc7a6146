import type {
  ComponentDefinition,
  ExporterDefinition,
  ExtensionDefinition,
  ProcessorDefinition,
  ReceiverDefinition,
} from '../component.ts';

/** The sections of the configuration that hold components, and what stands in each. */
export interface Definitions {
  receivers: ReceiverDefinition;
  processors: ProcessorDefinition;
  exporters: ExporterDefinition;
  extensions: ExtensionDefinition;
}
export type Section = keyof Definitions;

export const sections: readonly Section[] = ['receivers', 'processors', 'exporters', 'extensions'];

/** The components that a program knows. */
export interface Registry {
  /** By type or alias: `otlp_http` and `otlphttp`. */
  find<S extends Section>(section: S, type: string): Definitions[S] | undefined;
  /** Ordered by type. */
  list<S extends Section>(section: S): readonly Definitions[S][];
}

/** Two definitions with one name are a mistake in the program: an Error. */
export function createRegistry(definitions: readonly ComponentDefinition[]): Registry {
  const byName: Record<Section, Map<string, ComponentDefinition>> = {
    receivers: new Map(),
    processors: new Map(),
    exporters: new Map(),
    extensions: new Map(),
  };
  for (const definition of definitions) {
    const names = byName[`${definition.kind}s`];
    for (const name of [definition.type, ...(definition.aliases ?? [])]) {
      if (names.has(name)) throw new Error(`two ${definition.kind}s are called ${name}`);
      names.set(name, definition);
    }
  }
  return {
    find: <S extends Section>(section: S, type: string) =>
      byName[section].get(type) as Definitions[S] | undefined,
    list: <S extends Section>(section: S) =>
      [...new Set(byName[section].values())].sort((a, b) =>
        a.type < b.type ? -1 : 1,
      ) as unknown as Definitions[S][],
  };
}
