import { readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { parse } from 'smol-toml';
import { NotValid, Piece } from './piece.ts';

/**
 * Reads a TOML file. With the prefix CONFIG, `CONFIG__LOGGER__LEVEL=debug` in the environment stands for
 * `logger.level = "debug"` and wins over the file; a value that is JSON is taken as such.
 */
export function loadConfig(file: string, environment: NodeJS.ProcessEnv, prefix: string): Piece {
  const name = basename(file);
  let config: Record<string, unknown>;
  try {
    config = parse(readFileSync(file, 'utf8'));
  } catch (error) {
    throw new NotValid(`${file}: ${(error as Error).message}`);
  }
  for (const [variable, text = ''] of Object.entries(environment)) {
    if (!variable.startsWith(`${prefix}__`)) continue;
    const path = variable
      .slice(prefix.length + 2)
      .toLowerCase()
      .split('__');
    config = withValue(config, path, asJson(text)) as Record<string, unknown>;
  }
  return new Piece(config, name);
}

function withValue(config: unknown, [key, ...rest]: readonly string[], value: unknown): unknown {
  if (key === undefined) return value;
  const object = typeof config === 'object' && config !== null ? (config as Record<string, unknown>) : {};
  return { ...object, [key]: withValue(object[key], rest, value) };
}

function asJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
