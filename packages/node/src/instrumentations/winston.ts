import type { InstrumentationNodeModuleDefinition } from '@opentelemetry/instrumentation';
import type { InstrumentationClass } from './package-hooks.ts';

type Configure = (this: unknown, ...options: { transports?: unknown }[]) => unknown;
interface WinstonInstrumentation {
  init(): InstrumentationNodeModuleDefinition[];
}

/**
 * The official instrumentation, but with a list of transports of its own for each logger: the official one adds to the
 * list that it is given, and so twice where two loggers are made of the same options.
 */
export function withOwnTransports(Official: InstrumentationClass): InstrumentationClass {
  const Base = Official as unknown as new (config: object) => WinstonInstrumentation;
  class WithOwnTransports extends Base {
    override init(): InstrumentationNodeModuleDefinition[] {
      const definitions = super.init();
      for (const file of definitions.flatMap(({ files }) => files)) {
        const patch = file.patch.bind(file);
        file.patch = (exports, version) => copyTransports(patch(exports, version));
      }
      return definitions;
    }
  }
  return WithOwnTransports as unknown as InstrumentationClass;
}

/** Loggers before winston 3 are not configured that way, and not sent. */
function copyTransports<Exports>(exports: Exports): Exports {
  const { prototype } = exports as { prototype?: { configure?: Configure } };
  const configure = prototype?.configure;
  if (!configure) return exports;
  prototype.configure = function (options, ...rest) {
    if (!options) return configure.call(this);
    const { transports = [] } = options;
    return configure.call(this, { ...options, transports: [transports].flat() }, ...rest);
  };
  return exports;
}
