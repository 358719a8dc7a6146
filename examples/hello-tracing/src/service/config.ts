import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { parse } from 'yaml';
import { z } from 'zod';

/** Where the gateway finds the backend, and how long it waits for it. */
export const backend = z.strictObject({ endpoint: z.url(), timeout_ms: z.int().positive().default(2000) });

/** What both services are told. A key that is not known is refused: it is one that somebody believes to have set. */
export const common = z.strictObject({
  api: z.strictObject({ address: z.string(), port: z.int().min(0).max(65535) }),
  backend: backend.partial().optional(),
  telemetry: z.strictObject({
    tracing: z.strictObject({
      enabled: z.boolean(),
      service_name: z.string().optional(),
      otlp_exporter_endpoint: z.url().optional(),
    }),
  }),
});
export type Config = z.infer<typeof common>;

const prefix = 'APP__';
const usual = fileURLToPath(new URL('../../config.yaml', import.meta.url));

/**
 * The file that CONFIG_FILE names (default: this example's config.yaml), with what APP__ variables say put over it, as
 * `schema` wants it. Throws one error that names all that is wrong by path.
 */
export function readConfig<Schema extends z.ZodType>(schema: Schema, env = process.env): z.infer<Schema> {
  const file = env['CONFIG_FILE'] ?? usual;
  const config = (parse(textOf(file)) ?? {}) as Tree;
  for (const [name, value] of Object.entries(env)) {
    if (name.startsWith(prefix) && value !== undefined)
      put(config, name.slice(prefix.length).toLowerCase().split('__'), parse(value));
  }
  const { data, error } = schema.safeParse(config);
  if (error) throw new Error(`configuration: ${error.issues.map(describe).join('; ')}`);
  return data;
}

type Tree = Record<string, unknown>;

function textOf(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (cause) {
    throw new Error(`configuration: cannot read ${file}`, { cause });
  }
}

function put(tree: Tree, path: readonly string[], value: unknown): void {
  const [key = '', ...rest] = path;
  if (rest.length === 0) tree[key] = value;
  else put((tree[key] ??= {}) as Tree, rest, value);
}

const describe = ({ path, message }: { path: PropertyKey[]; message: string }): string =>
  [...(path.length > 0 ? [path.join('.')] : []), message].join(': ');
