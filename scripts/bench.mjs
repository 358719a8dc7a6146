// `npm run bench -- NAME`: installs and builds what is missing, then runs a benchmark of benchmarks/.
import { spawn } from 'node:child_process';
import { build, checkNode, installPackages } from './lib/prepare.mjs';
import { root } from './lib/run.mjs';

checkNode();
installPackages();
build();

const typescript = ['--import', './scripts/typescript.mjs', '--conditions', 'source'];
const bench = spawn(process.execPath, [...typescript, 'benchmarks/run.ts', ...process.argv.slice(2)], {
  cwd: root,
  stdio: 'inherit',
});
for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => bench.kill(signal));
bench.once('exit', (code, signal) => process.exit(code ?? (signal ? 1 : 0)));
