import { spawn, spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

/** The repository's root. */
export const root = fileURLToPath(new URL('../..', import.meta.url));

/** Runs a command to its end and shows what it prints; throws when it fails. */
export function run(command, args, options = {}) {
  const { status, error, signal } = spawnSync(command, args, { cwd: root, stdio: 'inherit', ...options });
  if (error) throw error;
  if (status !== 0)
    throw new Error(`${command} ${args.join(' ')} failed (${signal ?? `exit code ${status}`})`);
}

/**
 * Starts a command that goes on. It is in a process group of its own, which Ctrl-C in a terminal does not reach: whoever
 * started it says when it ends, and how. The channel to it closes when this process ends in whatever way.
 */
export function start(command, args, options = {}) {
  const stdio = ['inherit', 'inherit', 'inherit', 'ipc'];
  return spawn(command, args, { cwd: root, stdio, detached: true, ...options });
}

/** Kills a started command and what it has started. */
export function killGroup(child) {
  try {
    process.kill(-child.pid, 'SIGKILL');
  } catch (error) {
    if (error.code !== 'ESRCH') throw error;
  }
}

/** Whether the command can be found. */
export function exists(command) {
  return spawnSync('sh', ['-c', `command -v ${command}`], { stdio: 'ignore' }).status === 0;
}
