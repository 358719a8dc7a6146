import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, rmdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

export const repository = fileURLToPath(new URL('../..', import.meta.url));

/** The built program. */
export const programFile = join(repository, 'packages', 'throughline', 'dist', 'main.js');

let built: Promise<void> | undefined;

/** Brings the packages' `dist` folders up to date; the compiler leaves alone what has not changed. */
export function buildOnce(): Promise<void> {
  return (built ??= build());
}

/** Two test files at the same time take turns: a folder can be made only once. */
async function build(): Promise<void> {
  const lock = join(repository, 'node_modules', '.building');
  const deadline = Date.now() + 60_000;
  while (
    !(await mkdir(lock).then(
      () => true,
      () => false,
    ))
  ) {
    if (Date.now() > deadline) throw new Error(`${lock} is in the way; remove it if no build is running`);
    if (
      Date.now() -
        (await stat(lock).then(
          ({ mtimeMs }) => mtimeMs,
          () => Date.now(),
        )) >
      50_000
    )
      await rmdir(lock).catch(() => {});
    await sleep(100);
  }
  try {
    await compile();
  } finally {
    await rmdir(lock);
  }
}

/** Types are the type check's business: what has an error in them runs all the same. */
async function compile(): Promise<void> {
  await node(join(repository, 'node_modules', 'typescript', 'bin', 'tsc'), '-b');
  await node(join(repository, 'packages', 'node', 'bundle.mjs'));
  if (!existsSync(programFile)) throw new Error('npm run build fails');
}

function node(...args: string[]): Promise<void> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, args, { cwd: repository, stdio: 'ignore' });
    child.on('error', reject);
    child.on('exit', () => resolve());
  });
}
