import { type Context, context as active } from '@opentelemetry/api';

/** A context whose contents can change while it is active: those of `current`. */
export class Place implements Context {
  current: Context;

  constructor(current: Context) {
    this.current = current;
  }

  getValue(key: symbol): unknown {
    return this.current.getValue(key);
  }

  setValue(key: symbol, value: unknown): Context {
    return this.current.setValue(key, value);
  }

  deleteValue(key: symbol): Context {
    return this.current.deleteValue(key);
  }
}

/** The active context; not a place that somebody else moves, but what is there now. */
export function standing(): Context {
  const context = active.active();
  return context instanceof Place ? context.current : context;
}

interface Attaching {
  attach?(context: Context): unknown;
}

/**
 * Makes `context` the active one for what the function that is running does from now on, also after it has waited. The
 * context manager of OpenTelemetry for Node can do that since 2.7, but its API has no way there; with another context
 * manager nothing happens.
 */
export function enter(context: Context): void {
  const manager = (active as unknown as { _getContextManager(): Attaching })._getContextManager();
  manager.attach?.(context);
}
