import type { Instrumentation } from '@opentelemetry/instrumentation';
import { createRequire, isBuiltin, register, syncBuiltinESMExports } from 'node:module';

const require = createRequire(import.meta.url);

/**
 * Makes `instrumentations` reach modules however they are loaded. Node's own are patched at once, for `require`,
 * default and named imports alike; packages are patched when they are loaded, and for those that come by `import` a
 * loader hook is needed, which is installed for exactly the packages that ask for it.
 */
export function hookModules(instrumentations: readonly Instrumentation[]): void {
  const names = instrumentations.flatMap(moduleNames);
  for (const name of names.filter(isBuiltin)) require(name);
  syncBuiltinESMExports();
  const packages = names.filter((name) => !isBuiltin(name));
  if (packages.length > 0) hookImports(packages);
}

function moduleNames(instrumentation: Instrumentation): string[] {
  const { getModuleDefinitions } = instrumentation as { getModuleDefinitions?: () => { name: string }[] };
  return (getModuleDefinitions?.call(instrumentation) ?? []).map(({ name }) => name);
}

/** In the application's thread where Node can do that well, else in its loader thread. */
function hookImports(include: string[]): void {
  const { supportsSyncHooks } = require('import-in-the-middle/supports-sync-hooks.mjs') as {
    supportsSyncHooks: () => boolean;
  };
  if (supportsSyncHooks()) {
    const hooks = require('import-in-the-middle/register-hooks.mjs') as {
      register: (options: { include: string[] }) => void;
    };
    hooks.register({ include });
  } else {
    register('import-in-the-middle/hook.mjs', import.meta.url, { data: { include } });
  }
}
