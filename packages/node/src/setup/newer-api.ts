import { createRequire } from 'node:module';
import { join } from 'node:path';
import { manifestIn } from './resource.ts';

/** Where every copy of `@opentelemetry/api` 1 in a process looks for what is registered. */
const shared = Symbol.for('opentelemetry.js.api.1');

/**
 * A copy of the API that is newer than the one which registered sees nothing of it: spans of the application vanish,
 * and contexts are not passed on. What is registered here serves newer copies as well, so it takes their version,
 * where the application or an instrumentation (whose peer the API is) has one.
 */
export function serveNewerApi(): void {
  const registered = (globalThis as { [shared]?: { version: string } })[shared];
  if (!registered) return;
  const script = process.argv[1] ?? join(process.cwd(), 'index.js');
  const ofInstrumentation = createRequire(import.meta.url).resolve('@opentelemetry/instrumentation-http');
  for (const from of [script, ofInstrumentation]) {
    const version = apiVersion(from);
    if (version !== undefined && minor(version) > minor(registered.version)) registered.version = version;
  }
}

function apiVersion(from: string): string | undefined {
  const api = join('@opentelemetry', 'api');
  try {
    const file = createRequire(from).resolve('@opentelemetry/api');
    const { version } = manifestIn(file.slice(0, file.lastIndexOf(api) + api.length));
    return typeof version === 'string' && version.startsWith('1.') ? version : undefined;
  } catch {
    return undefined;
  }
}

const minor = (version: string): number => Number(version.split('.')[1]);
