/** What JSON can say. */
export type Value = null | boolean | number | string | Value[] | { [key: string]: Value };
export type Values = { [key: string]: Value };

export const isMap = (value: Value | undefined): value is Values =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

export function equal(a: Value, b: Value): boolean {
  if (Array.isArray(a))
    return Array.isArray(b) && a.length === b.length && a.every((each, i) => equal(each, b[i] ?? null));
  if (isMap(a)) {
    const keys = Object.keys(a);
    return (
      isMap(b) &&
      keys.length === Object.keys(b).length &&
      keys.every((key) => Object.hasOwn(b, key) && equal(a[key] ?? null, b[key] ?? null))
    );
  }
  return a === b;
}

/**
 * Negative, zero or positive; `undefined` where there is no order: between values of different types, and between maps.
 * Lists are compared element by element, then by length.
 */
export function compare(a: Value, b: Value): number | undefined {
  if (Array.isArray(a) && Array.isArray(b)) {
    for (let i = 0; i < Math.min(a.length, b.length); i++) {
      const order = compare(a[i] ?? null, b[i] ?? null);
      if (order !== 0) return order;
    }
    return a.length - b.length;
  }
  if (a === null && b === null) return 0;
  if (typeof a !== typeof b || typeof a === 'object' || a === null || b === null) return undefined;
  return a < b ? -1 : a > b ? 1 : 0;
}
