import type { Engine } from '@throughline/store';

/** The engine that `get` returns, asked for anew at each use: what reads the store can be made before the store is started. */
export function lateEngine(get: () => Engine): Engine {
  return new Proxy({} as Engine, {
    get(_, name) {
      const engine = get();
      const member: unknown = Reflect.get(engine, name);
      return typeof member === 'function' ? (member.bind(engine) as unknown) : member;
    },
  });
}
