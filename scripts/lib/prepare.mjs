// What has to be there before anything of the repository runs: a Node that is new enough, the packages of the lock
// file, and an up-to-date build. Works on a fresh clone; does nothing when nothing is to do.
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { root, run } from './run.mjs';

const oldestNode = [20, 19];

export function checkNode() {
  const [major, minor] = process.versions.node.split('.').map(Number);
  if (major > oldestNode[0] || (major === oldestNode[0] && minor >= oldestNode[1])) return;
  console.error(`Throughline needs Node ${oldestNode.join('.')} or newer; this is ${process.versions.node}.`);
  process.exit(1);
}

/** `npm ci`, unless node_modules is what the lock file says. */
export function installPackages() {
  const lock = hashOf([join(root, 'package-lock.json')]);
  const stamp = join(root, 'node_modules', '.throughline-lock');
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === lock) return;
  console.log('Installing packages (npm ci)…');
  run('npm', ['ci', '--no-fund', '--no-audit']);
  writeFileSync(stamp, lock);
}

/** Builds all packages, unless no source has changed since. */
export function build() {
  const sources = hashOf(sourceFiles(root));
  const stamp = join(root, '.cache', 'build');
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === sources && built()) return;
  console.log('Building…');
  run('npm', ['run', 'build', '--silent']);
  mkdirSync(join(root, '.cache'), { recursive: true });
  writeFileSync(stamp, sources);
}

function built() {
  return [
    'packages/throughline/dist/main.js',
    'packages/node/dist/node.cjs',
    'packages/ui/dist/index.html',
  ].every((file) => existsSync(join(root, file)));
}

function sourceFiles(folder) {
  return ['packages', 'brokers', 'examples']
    .flatMap((group) =>
      readdirSync(join(folder, group), { withFileTypes: true, recursive: true })
        .filter((entry) => entry.isFile())
        .map((entry) => join(entry.parentPath ?? entry.path, entry.name))
        // Without what is built, and what examples write while they run.
        .filter((file) => !/[\\/](dist|node_modules)[\\/]|\.(tsbuildinfo|log|jsonl)$/.test(file)),
    )
    .concat(join(folder, 'tsconfig.base.json'), join(folder, 'tsconfig.json'));
}

function hashOf(files) {
  const hash = createHash('sha256');
  for (const file of files.toSorted()) {
    const { mtimeMs, size } = statSync(file);
    hash.update(file.endsWith('package-lock.json') ? readFileSync(file) : `${file} ${mtimeMs} ${size}\n`);
  }
  return hash.digest('hex');
}
