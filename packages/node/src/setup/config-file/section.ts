import { warn } from '../warn.ts';

/** A mapping in the file; an empty one may be `null`. */
export type Section = object | null | undefined;

/** Says which keys of a section have no effect, by their whole path: all but these. */
export function warnOfOthers(section: Section, path: string, supported: readonly string[]): void {
  const others = Object.keys(section ?? {}).filter((key) => !supported.includes(key));
  if (others.length > 0)
    warn(
      `OTEL_CONFIG_FILE: ${others.map((key) => under(path, key)).join(', ')} is not supported and left out`,
    );
}

export const under = (path: string, key: string | number): string =>
  path === '' ? String(key) : `${path}.${key}`;
