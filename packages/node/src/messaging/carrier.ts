/**
 * What a context travels in, whichever of these it is:
 *
 *     { traceparent: '00-…' }                       headers, an object inside JSON; values may be bytes (Kafka) or lists
 *     { Traceparent: ['00-…'] }                     Go's header map, in canonical case
 *     '{"traceparent":"00-…"}'                      the JSON text of such an object
 *     Headers, Map, NATS MsgHdrs, gRPC Metadata     anything with `get` and `set`
 *     [['traceparent', '00-…']], ['traceparent', '00-…'], [{ key, value }], [{ traceparent }]    lists of headers
 */
export type Fields = ReadonlyMap<string, readonly string[]>;

/** More than any message has; an endless iterable ends here. */
const maxEntries = 1000;

/**
 * All texts in `carrier` by their name in lower case; names that differ only in case are one name. `wanted` are the names
 * asked for where a carrier cannot say which it has. Throws what the carrier throws.
 */
export function readCarrier(carrier: unknown, wanted: readonly string[]): Fields {
  const fields = new Map<string, string[]>();
  for (const [name, value] of entriesOf(carrier, wanted)) {
    const texts = textsOf(value);
    if (texts.length === 0) continue;
    const key = textOf(name)?.toLowerCase();
    if (key === undefined) continue;
    const known = fields.get(key);
    if (known) known.push(...texts.filter((text) => !known.includes(text)));
    else fields.set(key, texts);
  }
  return fields;
}

/** `Traceparent` for `traceparent`: as Go's net/http writes names of headers. */
export const canonical = (name: string): string =>
  name.toLowerCase().replace(/(^|-)[a-z]/g, (letter) => letter.toUpperCase());

/** A text or bytes of UTF-8 as text. */
export function textOf(value: unknown): string | undefined {
  if (typeof value === 'string') return value;
  if (value instanceof Uint8Array)
    return Buffer.from(value.buffer, value.byteOffset, value.byteLength).toString();
  return undefined;
}

type Entry = readonly [name: unknown, value: unknown];

function entriesOf(carrier: unknown, wanted: readonly string[]): Iterable<Entry> {
  const text = textOf(carrier);
  if (text !== undefined) return entriesOf(JSON.parse(text), wanted);
  if (Array.isArray(carrier)) return entriesOfList(carrier.slice(0, maxEntries));
  if (isIterable(carrier)) return entriesOfList(first(maxEntries, carrier));
  if (hasMethod(carrier, 'get')) {
    // gRPC's Metadata says which names it has; of another we ask in the two spellings that are in use.
    const names = hasMethod(carrier, 'getMap')
      ? Object.keys(Object(carrier.getMap()))
      : wanted.flatMap((name) => [name, canonical(name)]);
    return names.map((name) => [name, carrier.get(name)] as const);
  }
  return entriesOfObject(carrier);
}

const entriesOfObject = (carrier: unknown): Entry[] =>
  typeof carrier === 'object' && carrier !== null ? Object.entries(carrier) : [];

function entriesOfList(list: readonly unknown[]): Entry[] {
  if (textOf(list[0]) !== undefined) return pairs(list);
  return list.flatMap((item): Entry[] => {
    if (Array.isArray(item)) return [[item[0], item[1]]];
    if (isKeyAndValue(item)) return [[item.key, item.value]];
    return entriesOfObject(item);
  });
}

const pairs = (list: readonly unknown[]): Entry[] =>
  Array.from({ length: Math.floor(list.length / 2) }, (_, index) => [list[2 * index], list[2 * index + 1]]);

function textsOf(value: unknown): string[] {
  const values: unknown[] = Array.isArray(value) ? value : [value];
  return values.flatMap((each) => textOf(each) ?? []);
}

function first(count: number, items: Iterable<unknown>): unknown[] {
  const taken: unknown[] = [];
  for (const item of items) if (taken.push(item) === count) break;
  return taken;
}

export const isKeyAndValue = (item: unknown): item is { key: unknown; value: unknown } =>
  typeof item === 'object' && item !== null && 'key' in item && 'value' in item;

export const hasMethod = <Name extends string>(
  carrier: unknown,
  name: Name,
): carrier is Record<Name, (...args: unknown[]) => unknown> =>
  typeof carrier === 'object' &&
  carrier !== null &&
  typeof (carrier as Record<string, unknown>)[name] === 'function';

export const isIterable = (carrier: unknown): carrier is Iterable<unknown> =>
  typeof carrier === 'object' && carrier !== null && Symbol.iterator in carrier;
