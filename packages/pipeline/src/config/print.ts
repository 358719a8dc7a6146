import { stringify } from 'yaml';
import type { Config } from './load.ts';
import { sections } from './registry.ts';
import { toYaml } from './schema.ts';
import { serviceSchema } from './service.ts';

/** The configuration as a file with every default written out and every secret masked. */
export function printConfig(config: Config): string {
  const file: Record<string, unknown> = {};
  for (const section of sections) {
    const components = [...config.components[section].values()];
    if (components.length)
      file[section] = Object.fromEntries(
        components.map(({ id, definition, config: settings }) => [id, toYaml(definition.config, settings)]),
      );
  }
  file['service'] = toYaml(serviceSchema, config.service);
  return stringify(file, { lineWidth: 0 });
}
