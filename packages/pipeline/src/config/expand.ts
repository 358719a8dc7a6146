import { parse } from 'yaml';

/**
 * A value that came whole from the environment: what its text means as YAML, and the text. A setting that is text
 * takes the text (`0123`, `true`), any other the value.
 */
export class Expanded {
  readonly value: unknown;
  readonly text: string;
  constructor(value: unknown, text: string) {
    this.value = value;
    this.text = text;
  }
}

export interface Expansion {
  /** Value of an environment variable. */
  readonly lookup: (name: string) => string | undefined;
  /** A reference that cannot be served, and a sentence about it. */
  readonly problem: (path: readonly (string | number)[], sentence: string) => void;
  /** A variable that is not set and has no default; it stands for nothing. */
  readonly unset: (path: readonly (string | number)[], name: string) => void;
}

type Path = readonly (string | number)[];

/**
 * `tree` with `${env:NAME}`, `${env:NAME:-default}` and `${NAME}` replaced in its values (not in keys), `$$` being a
 * plain dollar: the rules of the Collector. What a variable holds is expanded in turn.
 */
export function expand(tree: unknown, expansion: Expansion, path: Path = []): unknown {
  if (typeof tree === 'string') return tree.includes('$') ? expandLeaf(tree, expansion, path) : tree;
  if (Array.isArray(tree)) return tree.map((item, index) => expand(item, expansion, [...path, index]));
  if (typeof tree !== 'object' || tree === null) return tree;
  return Object.fromEntries(
    Object.entries(tree).map(([key, value]) => [key, expand(value, expansion, [...path, key])]),
  );
}

/** A variable whose value refers to itself has no end. */
const deepest = 20;
class TooDeep extends Error {}

function expandLeaf(text: string, expansion: Expansion, path: Path): unknown {
  try {
    return expandText(text, expansion, path, 0);
  } catch (error) {
    if (!(error instanceof TooDeep)) throw error;
    expansion.problem(path, `the variables in ${text} refer to each other without end`);
    return '';
  }
}

function expandText(text: string, expansion: Expansion, path: Path, depth: number): unknown {
  if (depth > deepest) throw new TooDeep();
  let out = '';
  for (let at = 0; at < text.length;) {
    const dollar = text.indexOf('$', at);
    if (dollar < 0) return out + text.slice(at);
    out += text.slice(at, dollar);
    const end = text[dollar + 1] === '{' ? closing(text, dollar + 2) : -1;
    if (end >= 0) {
      const inner = asText(expandText(text.slice(dollar + 2, end), expansion, path, depth + 1));
      const found = resolve(inner, expansion, path);
      if (dollar === 0 && end === text.length - 1) return whole(found, expansion, path, depth);
      out += asText(expandText(found, expansion, path, depth + 1));
      at = end + 1;
    } else {
      out += '$';
      at = dollar + (text[dollar + 1] === '$' ? 2 : 1);
    }
  }
  return out;
}

/** Index of the brace that ends the reference whose inside begins at `from`; -1 when there is none. */
function closing(text: string, from: number): number {
  for (let at = from, open = 1; at < text.length; at++) {
    if (text.startsWith('${', at)) open++;
    else if (text[at] === '}' && --open === 0) return at;
  }
  return -1;
}

function resolve(reference: string, { lookup, problem, unset }: Expansion, path: Path): string {
  const [, scheme, rest] = /^([A-Za-z][A-Za-z0-9+.-]+):(.*)$/s.exec(reference) ?? [];
  if (scheme !== undefined && scheme !== 'env') {
    problem(
      path,
      `\${${reference}}: only environment variables can be referred to, as \${env:NAME} or \${env:NAME:-default}`,
    );
    return '';
  }
  const [, name, standard] = /^(.*?)(?::-(.*))?$/s.exec(rest ?? reference) ?? [];
  if (name === undefined || !/^[a-zA-Z_][a-zA-Z0-9_]*$/.test(name)) {
    problem(
      path,
      `\${${reference}}: ${JSON.stringify(name ?? '')} is not a name for an environment variable`,
    );
    return '';
  }
  const value = lookup(name) ?? standard;
  if (value === undefined) unset(path, name);
  return value ?? '';
}

/** What a reference that is the whole value stands for. Text that is not YAML stands for itself. */
function whole(text: string, expansion: Expansion, path: Path, depth: number): unknown {
  const expanded = asText(expandText(text, expansion, path, depth + 1));
  try {
    const value: unknown = parse(expanded);
    return typeof value === 'string' ? expanded : new Expanded(value, expanded);
  } catch {
    return expanded;
  }
}

function asText(expanded: unknown): string {
  return expanded instanceof Expanded ? expanded.text : String(expanded);
}
