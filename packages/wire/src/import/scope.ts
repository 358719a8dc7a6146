import type { Scope } from '@throughline/model';

/** Equal scopes are one object, which is what groups spans. */
export function scopeFrom(name: string, version: string, scopes: Map<string, Scope>): Scope {
  const key = JSON.stringify([name, version]);
  const known = scopes.get(key);
  if (known) return known;
  const scope = { name, version, attributes: {}, schemaUrl: '', droppedAttributes: 0 };
  scopes.set(key, scope);
  return scope;
}
