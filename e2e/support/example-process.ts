import { type ChildProcess, type StdioOptions, spawn } from 'node:child_process';
import { join } from 'node:path';
import { type Interface, createInterface } from 'node:readline';
import { repository } from './build.ts';

export interface ExampleProcess {
  readonly child: ChildProcess;
  /** What it writes to its standard output. */
  readonly lines: Interface;
  /** Resolves when it has ended and its last line was read: with its exit code, or the signal that ended it. */
  readonly exited: Promise<number | string | null>;
}

interface Options {
  readonly env: Readonly<Record<string, string>>;
  readonly args?: readonly string[];
  /** Another node to run it with. */
  readonly node?: string | undefined;
  /** Standard output is a pipe. */
  readonly stdio?: StdioOptions;
}

/** Exports at once, so that tests need not wait. */
const quick = { OTEL_BSP_SCHEDULE_DELAY: '20', OTEL_BLRP_SCHEDULE_DELAY: '20' };

/** A program of an example, built, as a process of its own. */
export function startExample(
  example: string,
  program: string,
  { env, args = [], node = process.execPath, stdio = ['ignore', 'pipe', 'inherit'] }: Options,
): ExampleProcess {
  const file = join(repository, 'examples', example, 'dist', `${program}.js`);
  const child = spawn(node, [file, ...args], { env: { PATH: process.env['PATH'], ...quick, ...env }, stdio });
  if (!child.stdout) throw new Error(`${program} has no standard output`);
  const lines = createInterface(child.stdout);
  const closed = new Promise((resolve) => lines.once('close', resolve));
  const exited = new Promise<number | string | null>((resolve) => {
    child.once('exit', (code, signal) => void closed.then(() => resolve(code ?? signal)));
  });
  return { child, lines, exited };
}
