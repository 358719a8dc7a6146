// `npm start`: installs and builds what is missing, then runs Throughline with a live example beside it.
// Arguments go to the server: `npm start -- --data-dir /tmp/traces`.
import { setTimeout as sleep } from 'node:timers/promises';
import { build, checkNode, installPackages } from './lib/prepare.mjs';
import { start } from './lib/run.mjs';

checkNode();
installPackages();
build();

const server = start(process.execPath, ['packages/throughline/dist/main.js', ...process.argv.slice(2)]);
const example = start(process.execPath, ['examples/frontend-backend/dist/run.js']);
const running = new Map([
  ['server', server],
  ['example', example],
]);
let stopping = false;
let exitCode = 0;

for (const [name, child] of running)
  child.once('exit', (code, signal) => {
    running.delete(name);
    if (name === 'server') exitCode = code ?? (signal ? 1 : 0);
    else if (!stopping)
      console.error(`The example has ended (${signal ?? `exit code ${code}`}); the server goes on.`);
    if (name === 'server' || stopping) stop();
  });
for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, stop);

/** Ends both: the example first, so that its last spans arrive. A second signal ends them at once. */
async function stop() {
  if (stopping) {
    for (const child of running.values()) child.kill('SIGKILL');
    return finish();
  }
  stopping = true;
  running.get('example')?.kill('SIGTERM');
  for (let waited = 0; running.has('example') && waited < 3000; waited += 50) await sleep(50);
  running.get('example')?.kill('SIGKILL');
  running.get('server')?.kill('SIGTERM');
  while (running.has('server')) await sleep(20);
  finish();
}

function finish() {
  process.exit(exitCode);
}
