import { execFile } from 'node:child_process';
import { existsSync, mkdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** Another major version of Node, from the npm registry, kept in the machine's temporary folder. */
export interface AnotherNode {
  /** The program; left out when it cannot be had. */
  path?: string;
  /** Why it cannot be had. */
  missing?: string;
}

export async function anotherNode(major: number): Promise<AnotherNode> {
  const folder = join(tmpdir(), `throughline-node-${major}`);
  const path = join(folder, 'node_modules', 'node', 'bin', 'node');
  if (!existsSync(path)) {
    mkdirSync(folder, { recursive: true });
    const failed = await install(folder, major);
    if (failed !== undefined) return { missing: `npm cannot install node@${major}: ${failed}` };
  }
  const { stdout } = await run(path, ['--version']).catch((error: Error) => ({ stdout: error.message }));
  if (!stdout.startsWith(`v${major}.`)) return { missing: `${path} does not run: ${stdout}` };
  return { path };
}

async function install(folder: string, major: number): Promise<string | undefined> {
  try {
    const options = ['--no-save', '--no-audit', '--no-fund', '--prefix', folder];
    await run('npm', ['install', ...options, `node@${major}`], { timeout: 50_000, cwd: folder });
    return undefined;
  } catch (error) {
    return String(error);
  }
}
