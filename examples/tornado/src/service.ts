import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { loadConfig } from './config/load.ts';
import { NotValid, type Piece } from './config/piece.ts';
import { exportVariables, loggerSettings } from './telemetry/logger-settings.ts';
import { Telemetry } from './telemetry/telemetry.ts';

/** What a process is started with. */
export interface Service {
  /** Its configuration, the whole file. */
  config: Piece;
  /** Where the file is, and what it refers to. */
  folder: string;
  telemetry: Telemetry;
  /** Calls `stop` when the process shall end, the last one first. */
  atEnd(this: void, stop: () => Promise<void> | void): void;
}

/** The sample configurations. */
const samples = fileURLToPath(new URL('../config/', import.meta.url));

/**
 * Runs the process called `name`, whose configuration is `<folder>/<file>.toml`; `--config-dir` names another folder than the
 * sample's. It ends in order on SIGTERM, SIGINT, or when the process that started it has gone; what is wrong with its
 * configuration is said on standard error.
 */
export async function runService(
  name: string,
  folder: string,
  file: string,
  run: (service: Service) => Promise<void> | void,
): Promise<void> {
  try {
    await start(name, folder, file, run);
  } catch (error) {
    const known = error instanceof NotValid || (error as NodeJS.ErrnoException).code !== undefined;
    process.stderr.write(`${name}: ${known ? (error as Error).message : String((error as Error).stack)}\n`);
    process.exit(1);
  }
}

const commandLine = () =>
  parseArgs({
    args: process.argv.slice(2),
    options: { 'config-dir': { type: 'string' }, 'rules-dir': { type: 'string' } },
    allowPositionals: true,
  });

/** The value of an option on the command line. */
export const option = (name: 'config-dir' | 'rules-dir'): string | undefined => commandLine().values[name];

/** What the command line says besides. */
export const command = (): string[] => commandLine().positionals;

/** What `--config-dir` names, else the sample configuration called `sample`. */
export const configFolder = (sample: string): string =>
  resolve(option('config-dir') ?? join(samples, sample));

async function start(
  name: string,
  sample: string,
  file: string,
  run: (service: Service) => Promise<void> | void,
): Promise<void> {
  const folder = configFolder(sample);
  const config = loadConfig(join(folder, `${file}.toml`), process.env, 'CONFIG');
  const telemetry = startTelemetry(name, config.at('logger'), folder);
  const ends: (() => Promise<void> | void)[] = [];
  let ending = false;
  const end = async (): Promise<void> => {
    if (ending) return;
    ending = true;
    for (const each of ends.toReversed()) await each();
    await telemetry.shutdown();
    process.exit();
  };
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, () => void end());
  process.once('disconnect', () => void end());
  await run({ config, folder, telemetry, atEnd: (stop) => void ends.push(stop) });
}

function startTelemetry(name: string, logger: Piece, folder: string): Telemetry {
  const apm = logger.at('tracing_elastic_apm');
  for (const [variable, value] of Object.entries(exportVariables(apm, folder)))
    process.env[variable] ??= value;
  return new Telemetry(name, loggerSettings(logger));
}
