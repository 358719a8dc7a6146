// `npm start`: installs and builds what is missing, then runs Throughline with a live example beside it.
// Arguments go to the server: `npm start -- --data-dir /tmp/traces`.
import { setTimeout as sleep } from 'node:timers/promises';
import { build, checkNode, installPackages } from './lib/prepare.mjs';
import { killGroup, start } from './lib/run.mjs';

checkNode();
installPackages();
build();

const endWithParent = ['--import', new URL('lib/end-with-parent.mjs', import.meta.url).href];
const serverFile = 'packages/throughline/dist/main.js';
const server = start(process.execPath, [
  ...endWithParent,
  '--single-threaded-gc',
  serverFile,
  ...process.argv.slice(2),
]);
const example = start(process.execPath, [...endWithParent, 'examples/frontend-backend/dist/run.js']);
const running = new Map([
  ['server', server],
  ['example', example],
]);
/** Ctrl-C reaches this process twice where npm passes on what the terminal has sent to all. */
const sameSignalMs = 500;
let stoppingSince;
let exitCode = 0;

for (const [name, child] of running)
  child.once('exit', (code, signal) => {
    running.delete(name);
    if (name === 'server') exitCode = code ?? (signal ? 1 : 0);
    else if (stoppingSince === undefined)
      console.error(`The example has ended (${signal ?? `exit code ${code}`}); the server goes on.`);
    if (name === 'server') void stop();
  });
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'])
  process.on(signal, () => {
    if (stoppingSince === undefined) void stop();
    else if (performance.now() > stoppingSince + sameSignalMs)
      for (const child of running.values()) killGroup(child);
  });
// Nobody reads what is written after a terminal has hung up.
for (const stream of [process.stdout, process.stderr]) stream.on('error', () => {});
endWithNpm();

/** Ends both: the example first, so that its last spans arrive. A second signal ends them at once. */
async function stop() {
  if (stoppingSince !== undefined) return;
  stoppingSince = performance.now();
  running.get('example')?.kill('SIGTERM');
  for (let waited = 0; running.has('example') && waited < 3000; waited += 50) await sleep(50);
  if (running.has('example')) killGroup(example);
  running.get('server')?.kill('SIGTERM');
  while (running.size > 0) await sleep(20);
  process.exit(exitCode);
}

/** npm that is killed cannot say so. */
function endWithNpm() {
  if (process.env.npm_lifecycle_event !== 'start') return;
  const npm = process.ppid;
  setInterval(() => {
    if (process.ppid !== npm) void stop();
  }, 500).unref();
}
