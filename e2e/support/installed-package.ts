import { execFile } from 'node:child_process';
import { existsSync, mkdirSync } from 'node:fs';
import { rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { repository } from './build.ts';

const run = promisify(execFile);

/** A package that is no dependency of the repository, as it cannot be installed on the oldest Node that is supported. */
export interface InstalledPackage {
  /** Modules are found from here; left out when it cannot be had. */
  folder?: string;
  /** Why it cannot be had. */
  missing?: string;
}

/** `name@version` from the npm registry, kept in `.cache`. */
export async function installedPackage(spec: string): Promise<InstalledPackage> {
  const folder = join(repository, '.cache', spec.replaceAll('/', '-'));
  if (existsSync(folder)) return { folder };
  const attempt = `${folder}.${process.pid}`;
  mkdirSync(attempt, { recursive: true });
  const options = ['--no-save', '--no-audit', '--no-fund', '--ignore-scripts', '--engine-strict=false'];
  try {
    await run('npm', ['install', ...options, '--prefix', attempt, spec], { timeout: 50_000, cwd: attempt });
    await rename(attempt, folder);
    return { folder };
  } catch (error) {
    await rm(attempt, { recursive: true, force: true });
    return existsSync(folder) ? { folder } : { missing: `npm cannot install ${spec}: ${String(error)}` };
  }
}
