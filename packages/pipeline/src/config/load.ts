import type { Signal } from '@throughline/wire';
import { LineCounter, parseDocument } from 'yaml';
import type { z } from 'zod';
import { expand } from './expand.ts';
import { ConfigError, locate, type Problem } from './problems.ts';
import { sections, type Definitions, type Registry, type Section } from './registry.ts';
import { formatPath, fromYaml, isSection, pathInYaml, type Path } from './schema.ts';
import { serviceSchema, withMetricsReader, type Service } from './service.ts';

/** A component of the file: its id, what makes it, and its settings with defaults. */
export interface Configured<S extends Section> {
  readonly id: string;
  readonly definition: Definitions[S];
  readonly config: unknown;
}

export interface PipelineConfig {
  /** `traces`, `traces/eu`. */
  readonly id: string;
  readonly signal: Signal;
  readonly receivers: readonly string[];
  readonly processors: readonly string[];
  readonly exporters: readonly string[];
}

/** A configuration in which every name is known and every value is right. */
export interface Config {
  /** All that the file defines, used or not, by id. */
  readonly components: { readonly [S in Section]: ReadonlyMap<string, Configured<S>> };
  readonly pipelines: readonly PipelineConfig[];
  readonly service: Service;
  /** What is allowed but probably not meant. */
  readonly warnings: readonly Problem[];
}

export interface LoadOptions {
  /** The file's name, for messages. */
  readonly file: string;
  readonly registry: Registry;
  /** Value of an environment variable. */
  readonly env: (name: string) => string | undefined;
  /** Host for the endpoints that the file leaves out, instead of loopback. */
  readonly listenHost?: string | undefined;
}

/** Reads the Collector's YAML; rejects everything that is wrong at once with a ConfigError. */
export function loadConfig(text: string, options: LoadOptions): Config {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, merge: true, prettyErrors: false });
  const problems: Problem[] = [];
  const warnings: Problem[] = [];
  const at = (path: Path, sentence: string): Problem => ({
    path,
    sentence,
    ...locate(document, lines, path),
  });
  const refuse: Refuse = (path, sentence) => problems.push(at(path, sentence));

  for (const error of document.errors) {
    const { line, col } = lines.linePos(error.pos[0]);
    problems.push({ path: [], sentence: error.message, line, column: col });
  }
  if (problems.length) throw new ConfigError(options.file, problems);

  const tree = expand(document.toJS(), {
    lookup: options.env,
    problem: refuse,
    unset: (path, name) => warnings.push(at(path, `environment variable ${name} is not set`)),
  });
  const root = isSection(tree) ? tree : {};
  if (!isSection(tree))
    refuse([], 'expected the sections receivers, processors, exporters, extensions and service');
  for (const key of Object.keys(root))
    if (key === 'connectors' && isEmpty(root[key])) continue;
    else if (key === 'connectors') refuse([key], 'connectors are not supported');
    else if (key !== 'service' && !sections.includes(key as Section))
      refuse([key], `unknown section; known are ${[...sections, 'service'].join(', ')}`);

  const components = {
    receivers: readSection('receivers', root, options, refuse),
    processors: readSection('processors', root, options, refuse),
    exporters: readSection('exporters', root, options, refuse),
    extensions: readSection('extensions', root, options, refuse),
  };
  const service = readWith(serviceSchema, root['service'], ['service'], options, refuse);
  const names = service ?? readNames(root['service'], options);
  const pipelines = names ? readPipelines(names, components, refuse) : [];
  if (problems.length || !service) throw new ConfigError(options.file, problems);
  for (const path of unused(components, pipelines, service))
    warnings.push(at(path, 'is defined and not used'));
  return {
    components: components as Config['components'],
    pipelines,
    service: withMetricsReader(service, options.listenHost),
    warnings,
  };
}

type Refuse = (path: Path, sentence: string) => void;
type Found = Record<Section, Map<string, Configured<Section> | undefined>>;

const idPattern = /^([a-zA-Z][0-9a-zA-Z_]{0,62})(?:\/[^\p{Z}\p{C}\p{S}]{1,1024})?$/u;

/** The section's components by id; undefined for those of an unknown type, so that nobody complains twice. */
function readSection<S extends Section>(
  section: S,
  root: Record<string, unknown>,
  options: LoadOptions,
  refuse: Refuse,
): Map<string, Configured<S> | undefined> {
  const found = new Map<string, Configured<S> | undefined>();
  const written = root[section] ?? {};
  if (!isSection(written)) {
    refuse([section], `expected ${section} by name`);
    return found;
  }
  for (const [id, value] of Object.entries(written)) {
    const definition = definitionOf(section, id, options.registry, refuse);
    const config = definition && readWith(definition.config, value, [section, id], options, refuse);
    found.set(id, definition && { id, definition, config });
  }
  return found;
}

function definitionOf<S extends Section>(section: S, id: string, registry: Registry, refuse: Refuse) {
  const type = idPattern.exec(id)?.[1];
  if (type === undefined) {
    refuse([section, id], 'is not a name: expected type or type/name');
    return undefined;
  }
  const definition = registry.find(section, type);
  if (!definition) {
    const known = registry.list(section).map((each) => each.type);
    const kind = section.slice(0, -1);
    refuse(
      [section, id],
      `unknown ${kind} ${type}; ${known.length ? `known are ${known.join(', ')}` : `there are no ${section}`}`,
    );
  }
  return definition;
}

/** `value` decoded by `schema`, or undefined after everything wrong with it has been refused. */
function readWith<T>(
  schema: z.ZodType<T>,
  value: unknown,
  path: Path,
  options: LoadOptions,
  refuse: Refuse,
): T | undefined {
  let known = true;
  const unknownKey = (inside: Path, keys: readonly string[]) => {
    known = false;
    refuse([...path, ...inside], `unknown key; known are ${keys.join(', ') || 'none'}`);
  };
  const spelt = fromYaml(schema, value, { unknownKey, listenHost: options.listenHost });
  const result = schema.safeParse(spelt, { reportInput: true });
  for (const issue of result.error?.issues ?? [])
    refuse([...path, ...pathInYaml(schema, issue.path)], sentenceOf(issue));
  return result.success && known ? result.data : undefined;
}

function sentenceOf(issue: z.core.$ZodIssue): string {
  if (issue.code === 'invalid_type' && issue.input === undefined) return 'is required';
  return issue.message.charAt(0).toLowerCase() + issue.message.slice(1);
}

type Names = Pick<Service, 'extensions' | 'pipelines'>;

/** The part of a wrong `service` section that names components, so that those are checked too. */
function readNames(service: unknown, options: LoadOptions): Names | undefined {
  const { extensions, pipelines } = isSection(service) ? service : {};
  const schema = serviceSchema.pick({ extensions: true, pipelines: true });
  return readWith(schema, { extensions, pipelines }, [], options, () => {});
}

function readPipelines(service: Names, components: Found, refuse: Refuse): PipelineConfig[] {
  const entries = Object.entries(service.pipelines);
  if (entries.length === 0) refuse(['service', 'pipelines'], 'at least one pipeline is needed');
  service.extensions.forEach((id, index) => {
    if (!components.extensions.has(id))
      refuse(['service', 'extensions', index], `no extension is called ${id}`);
  });
  return entries.flatMap(([id, pipeline]) => {
    const path = ['service', 'pipelines', id];
    const signal = signalOf(id, path, refuse);
    for (const section of ['receivers', 'processors', 'exporters'] as const) {
      pipeline[section].forEach((name, index) =>
        checkMember(section, name, signal, components, [...path, section, index], refuse),
      );
      if (section !== 'processors' && pipeline[section].length === 0)
        refuse([...path, section], `at least one ${section.slice(0, -1)} is needed`);
    }
    pipeline.processors.forEach((name, index) => {
      if (pipeline.processors.indexOf(name) !== index)
        refuse([...path, 'processors', index], `${name} is named twice`);
    });
    if (signal === undefined) return [];
    const { processors } = pipeline;
    return [
      {
        id,
        signal,
        receivers: unique(pipeline.receivers),
        processors,
        exporters: unique(pipeline.exporters),
      },
    ];
  });
}

function signalOf(id: string, path: Path, refuse: Refuse): Signal | undefined {
  const type = idPattern.exec(id)?.[1];
  if (type === 'traces' || type === 'logs') return type;
  if (type === 'metrics' || type === 'profiles')
    refuse(path, `${type} pipelines are not supported: this program carries traces and logs`);
  else
    refuse(
      path,
      'is not a pipeline: expected traces or logs, with a name after a slash where there are several',
    );
  return undefined;
}

function checkMember(
  section: 'receivers' | 'processors' | 'exporters',
  name: string,
  signal: Signal | undefined,
  components: Found,
  path: Path,
  refuse: Refuse,
): void {
  const kind = section.slice(0, -1);
  if (!components[section].has(name)) return refuse(path, `no ${kind} is called ${name}`);
  const definition = components[section].get(name)?.definition as Definitions[typeof section] | undefined;
  if (definition && signal !== undefined && !definition.signals.includes(signal))
    refuse(path, `the ${kind} ${name} does not carry ${signal}, only ${definition.signals.join(', ')}`);
}

function unused(components: Found, pipelines: readonly PipelineConfig[], service: Service): Path[] {
  const used = new Set(service.extensions.map((id) => formatPath(['extensions', id])));
  for (const pipeline of pipelines)
    for (const section of ['receivers', 'processors', 'exporters'] as const)
      for (const id of pipeline[section]) used.add(formatPath([section, id]));
  return sections
    .flatMap((section) => [...components[section].keys()].map((id) => [section, id]))
    .filter((path) => !used.has(formatPath(path)));
}

const unique = (names: readonly string[]) => [...new Set(names)];
const isEmpty = (value: unknown) => value === null || (isSection(value) && Object.keys(value).length === 0);
