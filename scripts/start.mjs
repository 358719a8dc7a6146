// `npm start`: installs and builds what is missing, then runs Throughline with a live example beside it.
// Arguments go to the server: `npm start -- --data-dir /tmp/traces`.
import { build, checkNode, installPackages } from './lib/prepare.mjs';
import { serve } from './lib/serve.mjs';

checkNode();
installPackages();
build();
await serve({ 'frontend-backend': [] }, process.argv.slice(2));
