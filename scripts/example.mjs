// `npm run example -- NAME` or `-- all`: installs and builds what is missing, then runs Throughline with that example,
// its broker and its traffic. Arguments after the name go to the example; options of the server are THROUGHLINE_*
// variables, and OTEL_EXPORTER_OTLP_ENDPOINT names a server that runs already.
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { build, checkNode, installPackages } from './lib/prepare.mjs';
import { root } from './lib/run.mjs';
import { serve } from './lib/serve.mjs';

const folder = join(root, 'examples');
const names = readdirSync(folder).filter((name) => existsSync(join(folder, name, 'src', 'run.ts')));
const [name = '', ...args] = process.argv.slice(2);
if (name !== 'all' && !names.includes(name)) {
  console.error(
    `${name ? `There is no example ${name}` : 'Which example?'}: ${[...names, 'all'].join(', ')}`,
  );
  process.exit(2);
}
checkNode();
installPackages();
build();
const examples = Object.fromEntries((name === 'all' ? names : [name]).map((each) => [each, args]));
await serve(examples, process.env.OTEL_EXPORTER_OTLP_ENDPOINT ? undefined : []);
