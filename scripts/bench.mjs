// `npm run bench -- NAME`: installs and builds what is missing, then runs a benchmark of benchmarks/.
import { build, checkNode, installPackages } from './lib/prepare.mjs';
import { start } from './lib/run.mjs';

checkNode();
installPackages();
build();

const bench = start(process.execPath, [
  '--import',
  './scripts/typescript.mjs',
  '--conditions',
  'source',
  'benchmarks/run.ts',
  ...process.argv.slice(2),
]);
for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => bench.kill(signal));
bench.once('exit', (code, signal) => process.exit(code ?? (signal ? 1 : 0)));
