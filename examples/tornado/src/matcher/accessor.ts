import { type Value, isMap } from './value.ts';

/** Keys of maps and indexes of lists, from the root on. */
export type Path = readonly (string | number)[];

const step = /^(?:"([^"]+)"|\[(\d+)\]|([^."[\]\s]+))/;

/** The path in `event.list[0]."key.with.dots"`; throws what is wrong with the text. */
export function parsePath(text: string): Path {
  const path: (string | number)[] = [];
  let rest = text;
  do {
    const [whole, quoted, index, plain] = step.exec(rest) ?? [];
    if (whole === undefined) throw new Error(`"${text}" cannot be understood from "${rest}" on`);
    path.push(quoted ?? (index === undefined ? (plain ?? '') : Number(index)));
    rest = rest.slice(whole.length);
    if (rest === '') return path;
    if (rest.startsWith('.')) rest = rest.slice(1);
    else if (!rest.startsWith('[')) throw new Error(`"${text}" lacks a dot before "${rest}"`);
  } while (rest !== '');
  throw new Error(`"${text}" must not end with a dot`);
}

/** What is there in `root`. */
export function valueAt(root: Value | undefined, path: Path): Value | undefined {
  let value = root;
  for (const key of path) {
    if (typeof key === 'number') value = Array.isArray(value) ? value[key] : undefined;
    else value = isMap(value) && Object.hasOwn(value, key) ? value[key] : undefined;
    if (value === undefined) return undefined;
  }
  return value;
}
