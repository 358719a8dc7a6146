import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { StartError } from '@throughline/model';
import { dataDirectory, type Platform } from './data-directory.ts';

/** What the command line and the environment ask for. */
export type Command =
  | { readonly name: 'help' }
  | { readonly name: 'version' }
  /** With arguments of its own. */
  | { readonly name: 'doctor'; readonly args: readonly string[] }
  | ({ readonly name: 'run' | 'validate' | 'print-config' } & RunOptions);

export interface RunOptions {
  /** The configuration file; without one the program is the all-in-one. */
  readonly configFile: string | undefined;
  readonly dataDirectory: string;
  /** Interface for all endpoints that the configuration leaves out, instead of loopback. */
  readonly host: string | undefined;
  readonly allowPurge: boolean;
}

export const usage = `throughline: distributed tracing in one program

Usage:
  throughline [options]                run
  throughline validate --config FILE   check a configuration: every problem by path and line
  throughline print-config [options]   the configuration with all defaults; secrets are masked
  throughline doctor [--help]          look for what keeps a trace of Node services from being whole

Options:
  --config FILE     OpenTelemetry Collector YAML; without one: OTLP on 4317 and 4318, UI and API on 16686,
                    health on 13133, all on loopback, stored in the data folder   (THROUGHLINE_CONFIG)
  --data-dir DIR    where everything is kept                                      (THROUGHLINE_DATA_DIR)
  --host HOST       listen here instead of on 127.0.0.1, for all endpoints that
                    the configuration leaves out                                  (THROUGHLINE_HOST)
  --allow-purge     allow DELETE /throughline/v1/data                             (THROUGHLINE_ALLOW_PURGE=true)
  --help, --version
`;

const options = {
  config: { type: 'string' },
  'data-dir': { type: 'string' },
  host: { type: 'string' },
  'allow-purge': { type: 'boolean' },
  help: { type: 'boolean', short: 'h' },
  version: { type: 'boolean', short: 'v' },
} as const;

/** Options win over variables. StartError when they make no sense. */
export function parseCommand(args: readonly string[], platform: Platform): Command {
  const [first, ...others] = args;
  if (first === 'doctor') return { name: 'doctor', args: others };
  const { values, positionals } = parse(args);
  if (values.help) return { name: 'help' };
  if (values.version) return { name: 'version' };
  const [name = 'run', ...more] = positionals;
  if (
    (name !== 'run' && name !== 'validate' && name !== 'print-config') ||
    (name === 'run' && positionals.length > 0) ||
    more.length > 0
  )
    throw new StartError(`unknown command ${positionals.join(' ')}; see throughline --help`);
  const env = (variable: string) => platform.env[`THROUGHLINE_${variable}`] || undefined;
  const configFile = values.config ?? env('CONFIG');
  if (name === 'validate' && configFile === undefined) throw new StartError('validate needs --config FILE');
  return {
    name,
    configFile,
    dataDirectory: resolve(values['data-dir'] ?? env('DATA_DIR') ?? dataDirectory(platform)),
    host: values.host ?? env('HOST'),
    allowPurge: values['allow-purge'] ?? flag('THROUGHLINE_ALLOW_PURGE', env('ALLOW_PURGE')),
  };
}

function parse(args: readonly string[]) {
  try {
    return parseArgs({ args: [...args], options, allowPositionals: true, strict: true });
  } catch (error) {
    throw new StartError(`${(error as Error).message.replace(/\. .*$/s, '')}; see throughline --help`, {
      cause: error,
    });
  }
}

function flag(variable: string, text: string | undefined): boolean {
  if (text === undefined || text === 'false' || text === '0') return false;
  if (text === 'true' || text === '1') return true;
  throw new StartError(`${variable} is ${JSON.stringify(text)}, expected true or false`);
}
