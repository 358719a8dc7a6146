import {
  type Instrumentation,
  type InstrumentationConfig,
  type InstrumentationNodeModuleDefinition,
  registerInstrumentations,
} from '@opentelemetry/instrumentation';
import { Module, createRequire } from 'node:module';
import { join } from 'node:path';
import { warn } from '../setup/warn.ts';

const require = createRequire(import.meta.url);

/** A class that patches packages as OpenTelemetry's instrumentations do: by the definitions that its `init` returns. */
// A constructor's parameters are its own business: the configuration that fits it comes from the same table.
export type InstrumentationClass = new (config?: never) => Instrumentation;

/** What is instrumented by one class, which is loaded when the application first loads one of `packages`. */
export interface Library {
  packages: readonly string[];
  load: () => InstrumentationClass;
  /** What the application says about it, and what is to be said besides; default: what the application says. */
  configure?: (given: InstrumentationConfig) => InstrumentationConfig;
}

type Definition = InstrumentationNodeModuleDefinition;
interface Patching extends Instrumentation {
  init(): Definition | Definition[] | void;
  _onRequire(definition: Definition, exports: unknown, name: string, folder: string): unknown;
}
type Patch = (name: string, exports: unknown, folder: string) => unknown;

/**
 * Instruments `libraries` where files of CommonJS packages run, which is one place for all ways there: `require`, and
 * imports of an ES module whether of the default, of a name or of the namespace. No thread, no loader hook, and nothing
 * is loaded for a library that the application does not use. What has been loaded already is patched as it is.
 */
export function hookPackages(libraries: readonly (readonly [Library, InstrumentationConfig])[]): void {
  const patches = new Map(
    libraries.flatMap(([library, given]) => {
      const patch = whenNeeded(library, given);
      return library.packages.map((name) => [name, patch] as const);
    }),
  );
  const modules = Module.prototype as unknown as {
    _compile: (this: NodeJS.Module, ...args: unknown[]) => unknown;
  };
  const run = modules._compile;
  modules._compile = function (...args) {
    const result = run.apply(this, args);
    patchExports(this, patches);
    return result;
  };
  for (const module of Object.values(require.cache)) if (module?.loaded) patchExports(module, patches);
}

function patchExports(module: NodeJS.Module, patches: ReadonlyMap<string, Patch>): void {
  const place = placeOf(module.filename);
  const patch = place && patches.get(place.package);
  if (!place || !patch) return;
  const name = isMain(place, module.filename) ? place.package : join(place.package, place.file);
  try {
    module.exports = patch(name, module.exports, place.folder);
  } catch (error) {
    warn(`${name} cannot be instrumented: ${String(error)}`);
  }
}

interface Place {
  package: string;
  folder: string;
  file: string;
}

/** `/app/node_modules/@grpc/grpc-js/build/src/client.js` is `build/src/client.js` of `@grpc/grpc-js`. */
function placeOf(filename: string): Place | undefined {
  const [, folder, name, file] =
    /^(.*[\\/]node_modules[\\/]((?:@[^\\/]+[\\/])?[^\\/]+))[\\/](.+)$/s.exec(filename) ?? [];
  return folder && name && file ? { package: name.replace('\\', '/'), folder, file } : undefined;
}

function isMain(place: Place, filename: string): boolean {
  try {
    return require.resolve(place.package, { paths: [place.folder] }) === filename;
  } catch {
    return false;
  }
}

function whenNeeded({ load, configure }: Library, given: InstrumentationConfig): Patch {
  let patch: Patch | undefined;
  return (...file) => (patch ??= patchesOf(load(), configure?.(given) ?? given))(...file);
}

/**
 * An instrumentation with its patches in our hands: it believes that it patches nothing and so installs no hooks of its
 * own, which would see a package again, and see it wrongly where it is imported by default.
 */
function patchesOf(Class: InstrumentationClass, config: InstrumentationConfig): Patch {
  let definitions: Definition[] = [];
  const Base = Class as unknown as new (config: InstrumentationConfig) => Patching;
  class Unhooked extends Base {
    override init(): Definition[] {
      definitions = [super.init() ?? []].flat();
      return [];
    }
  }
  const instrumentation = new Unhooked(config);
  registerInstrumentations({ instrumentations: [instrumentation] });
  return (name, exports, folder) =>
    definitions
      .filter((definition) => name === definition.name || name.startsWith(join(definition.name, '/')))
      .reduce((now, definition) => instrumentation._onRequire(definition, now, name, folder), exports);
}
