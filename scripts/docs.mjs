// Writes docs/config.md from the schemas: `npm run docs`.
import { writeFileSync } from 'node:fs';
import { referencePage } from '@throughline/pipeline';
import { registry } from 'throughline';

writeFileSync(new URL('../docs/config.md', import.meta.url), referencePage(registry));
