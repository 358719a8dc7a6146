#!/usr/bin/env node
import { homedir } from 'node:os';
import { StartError } from '@throughline/model';
import { ConfigError, printConfig } from '@throughline/pipeline';
import { parseCommand, usage, type Command, type RunOptions } from './command-line.ts';
import { loadConfiguration } from './load-configuration.ts';
import { createLog } from './log.ts';
import { Program } from './program.ts';
import { readyLine } from './ready-line.ts';
import { registry } from './registry.ts';
import { version } from './version.ts';

/** Past this the process ends, whatever hangs: all that was accepted is in the journal. */
const stopWithinMs = 4700;

await main().catch((error: unknown) => {
  process.stderr.write(`throughline: ${sentence(error)}\n`);
  process.exit(1);
});

async function main(): Promise<void> {
  const command: Command = parseCommand(process.argv.slice(2), {
    name: process.platform,
    home: homedir(),
    env: process.env,
  });
  switch (command.name) {
    case 'help':
      process.stdout.write(usage);
      return;
    case 'version':
      process.stdout.write(`${version}\n`);
      return;
    case 'doctor': {
      // The server has no use for it.
      const { doctorCommand } = await import('@throughline/node');
      const status = await doctorCommand(command.args);
      // A connection that nobody answers would keep it for minutes after its report.
      process.stdout.write('', () => process.exit(status));
      return;
    }
    case 'validate':
      loadConfiguration(command, registry, process.env);
      return;
    case 'print-config':
      process.stdout.write(printConfig(loadConfiguration(command, registry, process.env).config));
      return;
    case 'run':
      return run(command);
  }
}

async function run(options: RunOptions): Promise<void> {
  const { dataDirectory, allowPurge } = options;
  const configuration = loadConfiguration(options, registry, process.env);
  const { level, encoding } = configuration.config.service.telemetry.logs;
  const color = process.stderr.isTTY;
  const log = createLog({ level, encoding: encoding ?? (color ? 'console' : 'json'), color });
  const program = new Program({ configuration, dataDirectory, allowPurge, log });

  const started = program.start();
  const stop = async () => {
    await started.catch(() => {});
    await program.stop();
  };
  onSignal(stop);
  process.on('uncaughtException', (error) => {
    log('service').error('crashed', { error: describe(error), stack: error.stack });
    process.exit(1);
  });
  try {
    await started;
  } catch (error) {
    await within(stopWithinMs, program.stop());
    throw error;
  }
  process.stdout.on('error', () => {});
  const { listening } = program;
  const line = readyLine({ version, listening, dataDirectory, spansStored: await program.spansStored() });
  process.stdout.write(`${line}\n`);
}

/** The first signal stops the program, a second one ends it at once. */
function onSignal(stop: () => Promise<void>): void {
  let stopping = false;
  const end = () => {
    stopping = true;
    void within(stopWithinMs, stop()).finally(() => process.exit(0));
  };
  for (const [signal, number] of [
    ['SIGTERM', 15],
    ['SIGINT', 2],
  ] as const)
    process.on(signal, () => {
      if (stopping) process.exit(128 + number);
      end();
    });
  whenNpxHasEnded(() => {
    if (!stopping) end();
  });
}

/** npx runs the program by a shell, which ends with npx and does not pass the signal on: without this nobody would. */
function whenNpxHasEnded(then: () => void): void {
  if (process.env['npm_lifecycle_event'] !== 'npx') return;
  const shell = process.ppid;
  const watch = setInterval(() => {
    if (process.ppid === shell) return;
    clearInterval(watch);
    then();
  }, 200).unref();
}

function within(ms: number, promise: Promise<void>): Promise<void> {
  return Promise.race([promise, new Promise<void>((resolve) => setTimeout(resolve, ms))]);
}

function sentence(error: unknown): string {
  if (error instanceof ConfigError && error.problems.length > 1)
    return `the configuration has ${error.problems.length} problems:\n${error.message}`;
  return error instanceof StartError ? error.message : describe(error);
}

/** The messages of an error and of what caused it. */
function describe(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.cause === undefined ? error.message : `${error.message}: ${describe(error.cause)}`;
}
