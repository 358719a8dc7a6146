import { canonical, hasMethod, isIterable, isKeyAndValue, textOf } from './carrier.ts';

/** How names and values are written: as they are, or as Go's header map has them (`{ Traceparent: ['00-…'] }`). */
export interface Spelling {
  canonical: boolean;
}

/**
 * Writes `fields` into `carrier`, in place of everything that has one of the names in `old` in any spelling; an empty carrier
 * does not ask for these. Throws where the carrier does, as a frozen one.
 */
export function writeCarrier(
  carrier: object,
  fields: ReadonlyMap<string, string>,
  old: () => ReadonlySet<string>,
  spelling: Spelling,
): void {
  let names: ReadonlySet<string> | undefined;
  const isOld = (name: unknown): boolean => (names ??= old()).has(textOf(name)?.toLowerCase() ?? '');
  const write = writerOf(carrier, isOld);
  for (const [name, value] of fields) {
    if (spelling.canonical) write(canonical(name), value, true);
    else write(name, value, false);
  }
}

type Write = (name: string, value: string, list: boolean) => void;

/** Removes what is old, and returns how to write something new. */
function writerOf(carrier: object, isOld: (name: unknown) => boolean): Write {
  if (Array.isArray(carrier)) return listWriter(carrier, isOld);
  if (hasMethod(carrier, 'set')) {
    for (const name of namesOf(carrier).filter(isOld)) {
      if (hasMethod(carrier, 'delete')) carrier.delete(name);
      else if (hasMethod(carrier, 'remove')) carrier.remove(name);
    }
    return (name, value, list) => void carrier.set(name, list && carrier instanceof Map ? [value] : value);
  }
  const object = carrier as Record<string, unknown>;
  for (const name of Object.keys(object)) if (isOld(name)) delete object[name];
  return (name, value, list) => {
    object[name] = list ? [value] : value;
  };
}

function namesOf(carrier: object): unknown[] {
  if (hasMethod(carrier, 'getMap')) return Object.keys(Object(carrier.getMap()));
  if (!isIterable(carrier)) return [];
  return Array.from(carrier, (entry) => (Array.isArray(entry) ? (entry[0] as unknown) : undefined));
}

/** A list goes on in the form that it has; an empty one becomes one of alternating names and values. */
function listWriter(list: unknown[], isOld: (name: unknown) => boolean): Write {
  const [sample] = list;
  if (sample === undefined || textOf(sample) !== undefined) {
    for (let at = list.length - (list.length % 2) - 2; at >= 0; at -= 2)
      if (isOld(list[at])) list.splice(at, 2);
    return (name, value) => void list.push(name, value);
  }
  const kept = list.filter((item) => !isOldItem(item, isOld));
  list.splice(0, list.length, ...kept);
  if (Array.isArray(sample)) return (name, value) => void list.push([name, value]);
  if (isKeyAndValue(sample)) return (name, value) => void list.push({ key: name, value });
  return (name, value) => void list.push({ [name]: value });
}

function isOldItem(item: unknown, isOld: (name: unknown) => boolean): boolean {
  if (Array.isArray(item)) return isOld(item[0]);
  if (isKeyAndValue(item)) return isOld(item.key);
  return typeof item === 'object' && item !== null && Object.keys(item).some(isOld);
}
