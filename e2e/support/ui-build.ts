import { spawn } from 'node:child_process';
import { mkdir, readdir, rmdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { repository } from './build.ts';

const folder = join(repository, 'packages', 'ui');
let built: Promise<void> | undefined;

/** Builds the web app unless it is newer than its sources. */
export function buildUiOnce(): Promise<void> {
  return (built ??= build());
}

/** Test files that run at the same time take turns: a folder can be made only once. */
async function build(): Promise<void> {
  const lock = join(repository, 'node_modules', '.building-ui');
  const deadline = Date.now() + 60_000;
  while (!(await made(lock))) {
    if (Date.now() > deadline) throw new Error(`${lock} is in the way; remove it if no build is running`);
    await sleep(100);
  }
  try {
    const index = await modified(join(folder, 'dist', 'index.html'));
    const sources = await Promise.all((await files()).map(modified));
    if (Math.max(...sources) >= index) await vite();
  } finally {
    await rmdir(lock);
  }
}

async function files(): Promise<string[]> {
  const [src, publicFiles] = await Promise.all(
    ['src', 'public'].map(async (name) =>
      (await readdir(join(folder, name), { recursive: true })).map((file) => join(folder, name, file)),
    ),
  );
  return [join(folder, 'index.html'), join(folder, 'vite.config.ts'), ...(src ?? []), ...(publicFiles ?? [])];
}

/** Milliseconds since 1970; 0 where there is no such file. */
async function modified(path: string): Promise<number> {
  try {
    return (await stat(path)).mtimeMs;
  } catch {
    return 0;
  }
}

async function made(path: string): Promise<boolean> {
  try {
    await mkdir(path);
    return true;
  } catch {
    return false;
  }
}

function vite(): Promise<void> {
  const program = join(repository, 'node_modules', 'vite', 'bin', 'vite.js');
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [program, 'build'], {
      cwd: folder,
      env: { PATH: process.env['PATH'], HOME: process.env['HOME'] },
      stdio: ['ignore', 'ignore', 'inherit'],
    });
    child.on('error', reject);
    child.on('exit', (code) => (code === 0 ? resolve() : reject(new Error('the web app does not build'))));
  });
}
