/**
 * A regular expression in the syntax that rules are written in, Rust's: flags at its beginning (`(?i)`), groups named
 * `(?P<name>…)`, `\A` and `\z`. Throws where it is not one.
 */
export function compileRegex(text: string, flags = ''): RegExp {
  const [inline = '', own = ''] = /^\(\?([imsx]+)\)/.exec(text) ?? [];
  if (own.includes('x')) throw new Error('the flag x is not supported');
  const source = text
    .slice(inline.length)
    .replaceAll('(?P<', '(?<')
    .replace(/\\([Az])/g, (_, end) => (end === 'A' ? '^' : '$'));
  const all = [...new Set(flags + own)].join('');
  try {
    return new RegExp(source, `${all}u`);
  } catch {
    // Escapes that need none, such as \- and \_, are forbidden with the flag u alone.
    return new RegExp(source, all);
  }
}

export const namesOfGroups = (regex: RegExp): string[] =>
  [...regex.source.matchAll(/\(\?<([^=!>][^>]*)>/g)].map((match) => match[1] ?? '');
