// Throughline with examples beside it, until a signal, the end of the server, or the end of npm.
import { setTimeout as sleep } from 'node:timers/promises';
import { killGroup, start } from './run.mjs';

const endWithParent = ['--import', new URL('end-with-parent.mjs', import.meta.url).href];
/** Ctrl-C reaches this process twice where npm passes on what the terminal has sent to all. */
const sameSignalMs = 500;
/** Examples end their services, then their brokers. */
const patienceMs = 7000;
/** One example after the other: each then sees which ports are taken. */
const readyWithinMs = 30_000;

/**
 * Starts the server, with `serverArgs` (undefined: none is started), and the examples, each with its arguments:
 * `{ 'ituna': ['--no-tracing'] }`.
 */
export async function serve(examples, serverArgs) {
  const running = new Map();
  let stoppingSince;
  let exitCode = 0;

  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'])
    process.on(signal, () => {
      if (stoppingSince === undefined) void stop();
      else if (performance.now() > stoppingSince + sameSignalMs)
        for (const child of running.values()) killGroup(child);
    });
  // Nobody reads what is written after a terminal has hung up.
  for (const stream of [process.stdout, process.stderr]) stream.on('error', () => {});
  endWithNpm(() => void stop());

  if (serverArgs) {
    const server = run('server', [
      '--single-threaded-gc',
      'packages/throughline/dist/main.js',
      ...serverArgs,
    ]);
    server.once('exit', (code, signal) => {
      exitCode ||= code ?? (signal ? 1 : 0);
      void stop();
    });
  }
  for (const [name, args] of Object.entries(examples)) {
    if (stoppingSince !== undefined) break;
    const example = run(name, [`examples/${name}/dist/run.js`, ...args]);
    example.once('exit', (code, signal) => {
      if (stoppingSince !== undefined) return;
      console.error(`The example ${name} has ended (${signal ?? `exit code ${code}`}).`);
      if (running.size === 0) {
        exitCode ||= code ?? 1;
        void stop();
      }
    });
    await ready(example);
  }

  function run(name, args) {
    const child = start(process.execPath, [...endWithParent, ...args]);
    running.set(name, child);
    child.once('exit', () => running.delete(name));
    return child;
  }

  /** Ends all: the examples first, so that their last spans arrive. A second signal ends them at once. */
  async function stop() {
    if (stoppingSince !== undefined) return;
    stoppingSince = performance.now();
    const server = running.get('server');
    const others = () => [...running].filter(([name]) => name !== 'server').map(([, child]) => child);
    for (const child of others()) child.kill('SIGTERM');
    while (others().length > 0 && performance.now() < stoppingSince + patienceMs) await sleep(20);
    for (const child of others()) killGroup(child);
    server?.kill('SIGTERM');
    while (running.size > 0) await sleep(20);
    process.exit(exitCode);
  }
}

/** Resolves when the example says that it runs, has ended, or takes too long. */
function ready(example) {
  return Promise.race([
    new Promise((resolve) => example.once('message', resolve).once('exit', resolve)),
    sleep(readyWithinMs),
  ]);
}

/** npm that is killed cannot say so. */
function endWithNpm(stop) {
  if (process.env.npm_lifecycle_event === undefined) return;
  const npm = process.ppid;
  setInterval(() => {
    if (process.ppid !== npm) stop();
  }, 500).unref();
}
