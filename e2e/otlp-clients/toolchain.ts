import { execFile } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { beforeAll, test } from 'vitest';

const here = fileURLToPath(new URL('.', import.meta.url));
const cache = fileURLToPath(new URL('../../.cache/otlp-clients/', import.meta.url));
const execute = promisify(execFile);

/** Runs a program and returns what it printed, read as JSON. */
export type Run = (...args: string[]) => Promise<unknown>;

/**
 * Tests that need a client in another language. Where the client cannot be had they are skipped, and the reason is
 * told; with CI=true they fail.
 */
export function testsWith(
  client: () => Promise<Run>,
): (sentence: string, body: (run: Run) => Promise<void>) => void {
  let run: Run | undefined;
  let missing = '';
  beforeAll(async () => {
    try {
      run = await client();
    } catch (error) {
      if (process.env['CI'] === 'true') throw error;
      missing = (error as Error).message;
    }
  }, 300_000);
  return (sentence, body) =>
    test(sentence, { timeout: 60_000 }, async (context) => {
      if (!run) return context.skip(missing);
      return body(run);
    });
}

/** The Go program in `go/`. */
export async function goClient(): Promise<Run> {
  const program = join(cache, 'go-client');
  mkdirSync(cache, { recursive: true });
  await execute('go', ['build', '-o', program, '.'], { cwd: join(here, 'go') });
  return (...args) => json(program, args);
}

/** The Python script in `python/`, in an environment of its own. */
export async function pythonClient(): Promise<Run> {
  const environment = join(cache, 'python');
  const wanted = join(here, 'python', 'requirements.txt');
  const installed = join(environment, 'installed.txt');
  if (!existsSync(installed) || !readFileSync(installed).equals(readFileSync(wanted))) {
    await execute('python3', ['-m', 'venv', '--clear', environment]);
    await execute(join(environment, 'bin', 'pip'), ['install', '--quiet', '--requirement', wanted]);
    writeFileSync(installed, readFileSync(wanted));
  }
  const script = join(here, 'python', 'send.py');
  return (...args) => json(join(environment, 'bin', 'python'), [script, ...args]);
}

async function json(program: string, args: string[]): Promise<unknown> {
  const { stdout } = await execute(program, args, { timeout: 50_000 });
  return JSON.parse(stdout);
}
