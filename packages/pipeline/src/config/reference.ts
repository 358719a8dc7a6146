import { z } from 'zod';
import { sections, type Definitions, type Registry, type Section } from './registry.ts';
import { toSnake, written } from './schema.ts';
import { serviceSchema } from './service.ts';

/** The reference of all that a configuration may say, as Markdown, made from the schemas and their descriptions. */
export function referencePage(registry: Registry): string {
  const parts = [intro];
  for (const section of sections) {
    const definitions = registry.list(section);
    if (definitions.length === 0) continue;
    parts.push(`## ${section}`, ...definitions.map((definition) => componentPart(section, definition)));
  }
  parts.push('## service', table(serviceSchema));
  return `${parts.join('\n\n')}\n`;
}

const intro = `# Configuration

<!-- Made by \`npm run docs\` from the schemas in the code. Do not edit. -->

The file is the OpenTelemetry Collector's YAML: components by \`type\` or \`type/name\` in the sections below, and
\`service\`, which connects them. \`\${env:NAME}\`, \`\${env:NAME:-default}\` and \`\${NAME}\` stand for environment variables
and \`$$\` for a dollar sign; a variable that is a whole value has the type that its text has in YAML. A file with an
unknown key or a wrong value is refused with all its problems, by place and path; nothing is corrected silently.
\`throughline validate --config FILE\` checks a file, \`throughline print-config --config FILE\` shows it with all defaults.

Durations are written as \`200ms\`, \`5s\` or \`1m30s\`, sizes as bytes or as \`500MB\` or \`10GiB\`. Endpoints to listen on are
\`host:port\`; where the file leaves one out, \`--host\` replaces its host.`;

function componentPart<S extends Section>(section: S, definition: Definitions[S]): string {
  const { type, aliases = [], config } = definition;
  const about = [descriptionOf(config) ?? ''];
  if ('signals' in definition) about.push(`Carries ${definition.signals.join(' and ')}.`);
  if (aliases.length > 0)
    about.push(`May also be written ${aliases.map((alias) => `\`${alias}\``).join(', ')}.`);
  return `### ${type}\n\n${about.join(' ').trim()}\n\n${table(config)}`;
}

interface Row {
  readonly key: string;
  readonly type: string;
  readonly standard: string;
  readonly description: string;
}

function table(schema: z.core.$ZodType): string {
  const rows = rowsOf(schema, '');
  if (rows.length === 0) return 'It has no settings.';
  const line = (cells: readonly string[]) =>
    `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
  return [
    line(['key', 'value', 'default', '']),
    '| --- | --- | --- | --- |',
    ...rows.map((row) => line([`\`${row.key}\``, row.type, row.standard, row.description])),
  ].join('\n');
}

/** One row per key, those of a section after it. */
function rowsOf(schema: z.core.$ZodType, prefix: string): Row[] {
  const { def } = written(schema)._zod as z.core.$ZodTypes['_zod'];
  if (def.type === 'array') return rowsOf(def.element, `${prefix}[]`);
  if (def.type === 'record') return rowsOf(def.valueType, `${prefix}.<name>`);
  if (def.type !== 'object') return [];
  return Object.entries(def.shape).flatMap(([name, inner]) => {
    if (isRefused(inner)) return [];
    const key = prefix ? `${prefix}.${toSnake(name)}` : toSnake(name);
    const row = {
      key,
      type: typeOf(inner),
      standard: standardOf(inner),
      description: descriptionOf(inner) ?? '',
    };
    return [row, ...rowsOf(inner, key)];
  });
}

/** A key that is known only in order to say why it is refused. */
function isRefused(schema: z.core.$ZodType): boolean {
  const { type } = (written(schema) as z.core.$ZodTypes)._zod.def;
  return type === 'undefined' || type === 'never';
}

function typeOf(schema: z.core.$ZodType): string {
  const meta = metaOf(schema);
  if (typeof meta?.['type'] === 'string') return meta['type'];
  const { def } = written(schema)._zod as z.core.$ZodTypes['_zod'];
  if (def.type === 'array') return `list of ${typeOf(def.element)}`;
  if (def.type === 'record') return `${typeOf(def.valueType)} by name`;
  if (def.type === 'enum') return choice(Object.values(def.entries));
  if (def.type === 'literal') return choice(def.values);
  if (def.type === 'union') return [...new Set(def.options.map(typeOf))].join(' or ');
  if (def.type === 'number' && 'format' in def && def.format === 'safeint') return 'whole number';
  return plainTypes[def.type] ?? def.type;
}

const plainTypes: Record<string, string> = { object: 'section', string: 'text', boolean: '`true`, `false`' };

function choice(values: readonly unknown[]): string {
  return values.map((value) => `\`${String(value) || '""'}\``).join(', ');
}

function standardOf(schema: z.core.$ZodType): string {
  const value = standardValue(schema);
  if (value === undefined || (typeof value === 'object' && value !== null && !Array.isArray(value)))
    return '';
  return `\`${typeof value === 'string' ? value || '""' : JSON.stringify(value)}\``;
}

/** As it would be written in a file. */
function standardValue(schema: z.core.$ZodType): unknown {
  const { def } = (schema as z.core.$ZodTypes)._zod;
  if (def.type === 'prefault') return def.defaultValue;
  if (def.type === 'default') return z.encode(def.innerType, def.defaultValue as never);
  return 'innerType' in def ? standardValue(def.innerType) : undefined;
}

function descriptionOf(schema: z.core.$ZodType): string | undefined {
  const description = z.globalRegistry.get(schema)?.description;
  const { def } = (schema as z.core.$ZodTypes)._zod;
  return description ?? ('innerType' in def ? descriptionOf(def.innerType) : undefined);
}

/** What is said of the schema or, where nothing is, of the one that it wraps. */
function metaOf(schema: z.core.$ZodType): Record<string, unknown> | undefined {
  const meta = z.globalRegistry.get(schema);
  const { def } = (schema as z.core.$ZodTypes)._zod;
  return meta && 'type' in meta ? meta : 'innerType' in def ? metaOf(def.innerType) : meta;
}
