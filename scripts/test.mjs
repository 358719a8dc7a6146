// `npm test`: installs what the tests need, builds, runs all tests, and ends with a line of counts.
// Arguments go to vitest: `npm test -- packages/journal`.
import { spawn } from 'node:child_process';
import { mkdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { build, checkNode, installPackages } from './lib/prepare.mjs';
import { root } from './lib/run.mjs';
import { installTestTools } from './lib/test-tools.mjs';

checkNode();
installPackages();
installTestTools();
build();

const results = join(root, '.cache', 'test-results.json');
mkdirSync(join(root, '.cache'), { recursive: true });
rmSync(results, { force: true });
const tests = spawn(
  process.execPath,
  [
    join(root, 'node_modules', 'vitest', 'vitest.mjs'),
    'run',
    '--reporter=default',
    '--reporter=json',
    `--outputFile.json=${results}`,
    ...process.argv.slice(2),
  ],
  { cwd: root, stdio: 'inherit' },
);
// Ctrl-C reaches the tests by itself.
process.on('SIGINT', () => {});
for (const signal of ['SIGTERM', 'SIGHUP']) process.on(signal, () => tests.kill(signal));
tests.once('exit', (code) => {
  let exitCode = code ?? 1;
  try {
    const { numPassedTests, numFailedTests, numPendingTests, numTodoTests, numFailedTestSuites, success } =
      JSON.parse(readFileSync(results, 'utf8'));
    // A file that cannot be loaded has no tests of its own to fail.
    const failed = Math.max(numFailedTests, success ? 0 : 1, numFailedTestSuites > 0 ? 1 : 0);
    if (failed > 0 || numPassedTests === 0) exitCode ||= 1;
    console.log(`${numPassedTests} passed, ${failed} failed, ${numPendingTests + numTodoTests} skipped`);
  } catch (error) {
    console.error(`the tests left no result: ${error.message}`);
    console.log('0 passed, 1 failed, 0 skipped');
    exitCode ||= 1;
  }
  process.exit(exitCode);
});
