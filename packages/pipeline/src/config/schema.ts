import { z } from 'zod';
import { Expanded } from './expand.ts';
import { formatEndpoint, parseEndpoint } from './endpoint.ts';
import { withoutPassword } from './secret.ts';

// The one place that knows both spellings: `max_age` in the file, `maxAge` in schemas and code. What a key means is
// decided by the schema: the keys of an object are spelt anew, the keys of a record (headers) stay as they are.

export type Path = readonly (string | number)[];

export function toSnake(key: string): string {
  return key.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}

/** The schema inside defaults, optionals and codecs: the one that says what is written in the file. */
export function written(schema: z.core.$ZodType): z.core.$ZodType {
  const { def } = (schema as z.core.$ZodTypes)._zod;
  if ('innerType' in def) return written(def.innerType);
  if (def.type === 'pipe') return written(def.in);
  return def.type === 'lazy' ? written(def.getter()) : schema;
}

export interface Reading {
  /** A key that the schema does not have. */
  readonly unknownKey: (path: Path, known: readonly string[]) => void;
  /** Replaces the host in the default of every `listenEndpoint`. */
  readonly listenHost?: string | undefined;
}

/** What the file says, as the schema wants it: camelCase keys, expanded variables, an empty section for `key:`. */
export function fromYaml(
  schema: z.core.$ZodType,
  value: unknown,
  reading: Reading,
  path: Path = [],
): unknown {
  const inner = written(schema) as z.core.$ZodTypes;
  if (value instanceof Expanded)
    return fromYaml(schema, wantsText(inner) ? value.text : value.value, reading, path);
  const { def } = inner._zod;
  if (def.type === 'object') return fromSection(def, value ?? {}, reading, path);
  if (def.type === 'record' && isSection(value))
    return mapValues(value, (item, key) => fromYaml(def.valueType, item, reading, [...path, key]));
  if (def.type === 'array' && Array.isArray(value))
    return value.map((item, index) => fromYaml(def.element, item, reading, [...path, index]));
  if (def.type === 'union') {
    const option = def.options.find((each) => fits(written(each), value));
    if (option) return fromYaml(option, value, reading, path);
  }
  return value ?? undefined;
}

function fromSection(def: z.core.$ZodObjectDef, value: unknown, reading: Reading, path: Path): unknown {
  if (!isSection(value)) return value;
  const keys = new Map(Object.keys(def.shape).map((key) => [toSnake(key), key]));
  const out: Record<string, unknown> = {};
  for (const [name, item] of Object.entries(value)) {
    const key = keys.get(name);
    const schema = key === undefined ? undefined : def.shape[key];
    if (key === undefined || schema === undefined) reading.unknownKey([...path, name], [...keys.keys()]);
    else out[key] = fromYaml(schema, item, reading, [...path, name]);
  }
  if (reading.listenHost !== undefined)
    for (const [key, schema] of Object.entries(def.shape)) out[key] ??= onHost(schema, reading);
  return out;
}

/** The default of `schema` with the listening hosts in it replaced; undefined where there is none. */
function onHost(schema: z.core.$ZodType, reading: Reading): unknown {
  const { def } = (schema as z.core.$ZodTypes)._zod;
  if (def.type !== 'prefault') return undefined;
  const inner = written(schema) as z.core.$ZodTypes;
  if (inner._zod.def.type === 'object') return fromSection(inner._zod.def, def.defaultValue, reading, []);
  const standard = isListenEndpoint(def.innerType) ? parseEndpoint(String(def.defaultValue)) : undefined;
  return standard && formatEndpoint({ host: reading.listenHost ?? standard.host, port: standard.port });
}

function isListenEndpoint(schema: z.core.$ZodType): boolean {
  return z.globalRegistry.get(schema)?.['listen'] === true;
}

/** `value`, decoded by `schema`, as it would be written in a file: defaults in place, secrets masked. */
export function toYaml(schema: z.ZodType, value: unknown): unknown {
  return spell(schema, z.encode(schema, value));
}

function spell(schema: z.core.$ZodType, value: unknown): unknown {
  if (has(schema, 'secret') && value !== undefined) return '[REDACTED]';
  if (has(schema, 'password') && typeof value === 'string') return withoutPassword(value);
  const { def } = written(schema)._zod as z.core.$ZodTypes['_zod'];
  if (def.type === 'object' && isSection(value))
    return Object.fromEntries(
      Object.entries(def.shape)
        .filter(([key]) => value[key] !== undefined)
        .map(([key, inner]) => [toSnake(key), spell(inner, value[key])]),
    );
  if (def.type === 'record' && isSection(value))
    return mapValues(value, (item) => spell(def.valueType, item));
  if (def.type === 'array' && Array.isArray(value)) return value.map((item) => spell(def.element, item));
  if (def.type === 'union') {
    const option = def.options.find((each) => fits(written(each), value));
    if (option) return spell(option, value);
  }
  return value;
}

function has(schema: z.core.$ZodType, mark: 'secret' | 'password'): boolean {
  if (z.globalRegistry.get(schema)?.[mark] === true) return true;
  const { def } = (schema as z.core.$ZodTypes)._zod;
  return 'innerType' in def && has(def.innerType, mark);
}

/** A path in the schema's spelling, in the file's. */
export function pathInYaml(schema: z.core.$ZodType, path: readonly PropertyKey[]): Path {
  const [head, ...rest] = path;
  if (head === undefined) return [];
  const { def } = written(schema)._zod as z.core.$ZodTypes['_zod'];
  const key = typeof head === 'number' ? head : String(head);
  if (def.type === 'object') {
    const inner = def.shape[key];
    return [toSnake(String(key)), ...(inner ? pathInYaml(inner, rest) : rest.map(String))];
  }
  if (def.type === 'record') return [key, ...pathInYaml(def.valueType, rest)];
  if (def.type === 'array') return [key, ...pathInYaml(def.element, rest)];
  return [key, ...rest.map(String)];
}

/** `receivers.otlp.protocols.grpc.endpoint`, `service.pipelines.traces.receivers[0]`. */
export function formatPath(path: Path): string {
  return path
    .map((part, index) => (typeof part === 'number' ? `[${part}]` : index ? `.${part}` : part))
    .join('');
}

function wantsText({ _zod: { def } }: z.core.$ZodTypes): boolean {
  return def.type === 'string' || def.type === 'enum';
}

function fits(option: z.core.$ZodType, value: unknown): boolean {
  const { type } = (option as z.core.$ZodTypes)._zod.def;
  if (Array.isArray(value)) return type === 'array';
  if (isSection(value)) return type === 'object' || type === 'record';
  return type === typeof value;
}

export function isSection(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof Expanded);
}

function mapValues<T>(
  record: Record<string, unknown>,
  change: (value: unknown, key: string) => T,
): Record<string, T> {
  return Object.fromEntries(Object.entries(record).map(([key, value]) => [key, change(value, key)]));
}
