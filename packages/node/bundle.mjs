// dist/node.cjs: the whole package in one file. A service waits for what is loaded before it, and seventy small modules
// take longer than all of OpenTelemetry (benchmark `node-startup`). What is loaded only when it is asked for stays
// where it is.
import * as esbuild from 'esbuild';
import { readFileSync, readdirSync, statSync } from 'node:fs';
import { join, relative } from 'node:path';

const dist = join(import.meta.dirname, 'dist');
const outfile = join(dist, 'node.cjs');

if (!upToDate())
  await esbuild.build({
    entryPoints: [join(dist, 'index.js')],
    outfile,
    bundle: true,
    format: 'cjs',
    platform: 'node',
    target: 'node20',
    packages: 'external',
    external: ['./doctor/*'],
    logLevel: 'warning',
    banner: {
      js: `const urlOf = (file) => require('node:url').pathToFileURL(require('node:path').join(__dirname, file)).href;`,
    },
    plugins: [
      {
        // Paths are relative to where each module was.
        name: 'import.meta.url',
        setup: (build) =>
          build.onLoad({ filter: /dist[\\/].*\.js$/ }, ({ path }) => ({
            contents: readFileSync(path, 'utf8').replaceAll(
              'import.meta.url',
              `urlOf(${JSON.stringify(relative(dist, path).replaceAll('\\', '/'))})`,
            ),
          })),
      },
    ],
  });

function upToDate() {
  const files = readdirSync(dist, { recursive: true }).filter((file) => file.endsWith('.js'));
  const modules = [...files.map((file) => join(dist, file)), import.meta.filename];
  const changedMs = (file) => statSync(file, { throwIfNoEntry: false })?.mtimeMs ?? 0;
  return modules.every((file) => changedMs(file) < changedMs(outfile));
}
