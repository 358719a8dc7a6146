import {
  InstrumentationBase,
  InstrumentationNodeModuleDefinition,
  InstrumentationNodeModuleFile,
} from '@opentelemetry/instrumentation';
import { version } from '../version.ts';
import type { GrpcConfig, GrpcTracing } from './grpc-calls.ts';
import { requests, traceCalls } from './grpc-client.ts';
import { traceHandler } from './grpc-server.ts';

export type { GrpcCall, GrpcConfig } from './grpc-calls.ts';

type Methods = Record<string, unknown>;
type Register = (this: unknown, path: string, handler: never, ...rest: unknown[]) => unknown;
const versions = ['^1.0.0'];

/**
 * Clients and servers of `@grpc/grpc-js`, all four kinds of calls, in whatever way their stubs were made: it patches the
 * class that all stubs call before anything has taken its methods from it.
 */
export class GrpcInstrumentation extends InstrumentationBase<GrpcConfig> {
  constructor(config: GrpcConfig = {}) {
    super('@throughline/node/grpc', version, config);
  }

  protected override init(): InstrumentationNodeModuleDefinition {
    const file = (name: string, patch: (exports: Record<string, { prototype: Methods }>) => unknown) =>
      new InstrumentationNodeModuleFile(`@grpc/grpc-js/build/src/${name}.js`, versions, patch, () => {});
    return new InstrumentationNodeModuleDefinition('@grpc/grpc-js', versions, undefined, undefined, [
      file('client', (exports) => {
        if (exports['Client']) this.#patchClient(exports['Client'].prototype);
        return exports;
      }),
      file('server', (exports) => {
        if (exports['Server']) this.#patchServer(exports['Server'].prototype);
        return exports;
      }),
    ]);
  }

  #tracing = (): GrpcTracing => ({ tracer: this.tracer, config: this.getConfig() });

  #patchClient(client: Methods): void {
    for (const [name, kind] of Object.entries(requests)) {
      client[name] = traceCalls(client[name] as never, kind, this.#tracing);
    }
  }

  #patchServer(server: Methods): void {
    const register = server['register'] as Register;
    const tracing = this.#tracing;
    server['register'] = function (this: unknown, path: string, handler: never, ...rest: unknown[]) {
      return register.call(this, path, traceHandler(path, handler, tracing) as never, ...rest);
    };
  }
}
