import { readFileSync } from 'node:fs';
import { StartError } from '@throughline/model';
import { loadConfig, type Config, type Registry } from '@throughline/pipeline';
import type { RunOptions } from './command-line.ts';
import { defaultConfig } from './default-config.ts';

export interface Configuration {
  readonly config: Config;
  /** For messages. */
  readonly file: string;
}

/** The file's configuration, or the all-in-one's. StartError with everything that is wrong with it. */
export function loadConfiguration(
  { configFile, host }: Pick<RunOptions, 'configFile' | 'host'>,
  registry: Registry,
  env: Readonly<Record<string, string | undefined>>,
): Configuration {
  const file = configFile ?? 'default configuration';
  const text = configFile === undefined ? defaultConfig : read(configFile);
  return { file, config: loadConfig(text, { file, registry, env: (name) => env[name], listenHost: host }) };
}

function read(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    const reasons: Record<string, string> = {
      ENOENT: 'there is no such file',
      EACCES: 'permission denied',
      EISDIR: 'it is a folder',
    };
    throw new StartError(`the configuration ${file} cannot be read: ${reasons[code ?? ''] ?? message}`, {
      cause: error,
    });
  }
}
