/** The query part of an address: texts by name, a list where a name is repeated. */
export type UrlSearch = { readonly [name: string]: string | readonly string[] | undefined };

/** `?a=1&b=2&b=3` → `{ a: '1', b: ['2', '3'] }`. */
export function parseUrlSearch(text: string): UrlSearch {
  const found: Record<string, string | string[]> = {};
  for (const [name, value] of new URLSearchParams(text)) {
    const before = found[name];
    if (before === undefined) found[name] = value;
    else found[name] = [before, value].flat();
  }
  return found;
}

/** The inverse of `parseUrlSearch`; what is undefined is left out. */
export function printUrlSearch(search: { readonly [name: string]: unknown }): string {
  const params = new URLSearchParams();
  for (const [name, value] of Object.entries(search)) {
    for (const one of Array.isArray(value) ? value : [value]) {
      if (one !== undefined && one !== null) params.append(name, String(one));
    }
  }
  const text = params.toString();
  return text === '' ? '' : `?${text}`;
}
