import { type Dirent, existsSync, readFileSync, readdirSync } from 'node:fs';
import { join, relative } from 'node:path';
import { NotValid, Piece } from '../config/piece.ts';
import { parseFilter, parseIterator, parseRule, parseRuleset } from './parse-node.ts';
import type { FilterConfig, NodeConfig, RuleConfig } from './tree-config.ts';

/**
 * Reads a processing tree of version 2 from its folder: `version.json`, and a folder for each node with a `filter.json`,
 * an `iterator.json` or a `ruleset.json`, the last with its rules in `rules/<number>_<name>.json`. The root is a filter called
 * `root` that everything passes, unless it has a `filter.json` of its own. Nodes and rules are in the order of their
 * files' names. Throws all that is wrong, a line for each file.
 */
export function readTree(folder: string): FilterConfig {
  const reader = new TreeReader(folder);
  const root = reader.root();
  if (reader.problems.length > 0) throw new NotValid(reader.problems.join('\n'));
  return root;
}

class TreeReader {
  readonly problems: string[] = [];
  readonly #folder: string;

  constructor(folder: string) {
    this.#folder = folder;
  }

  root(): FilterConfig {
    const root = this.#folder;
    if (!existsSync(root)) throw new NotValid(`${root}: there is no such folder`);
    this.#read(join(root, 'version.json'), (piece) => {
      const version = piece.only('version').at('version').text();
      if (version !== '2.0') piece.at('version').fail(`is "${version}"; 2.0 is what can be read here`);
    });
    const all = { name: 'root', description: '', active: true, filter: {} };
    const file = join(root, 'filter.json');
    const own = existsSync(file) ? this.#read(file, parseFilter) : all;
    return { type: 'Filter', file: this.#name(file), ...(own ?? all), nodes: this.#children(root, []) };
  }

  /** `iterators`: whether there is one above. */
  #children(folder: string, above: readonly string[]): NodeConfig[] {
    const nodes = foldersIn(folder).flatMap((name) => this.#node(join(folder, name), above) ?? []);
    this.#unique(nodes);
    return nodes;
  }

  #node(folder: string, above: readonly string[]): NodeConfig | undefined {
    const kinds = ['filter.json', 'iterator.json', 'ruleset.json'].filter((name) =>
      existsSync(join(folder, name)),
    );
    const [kind] = kinds;
    if (kind === undefined || kinds.length > 1) {
      this.problems.push(
        `${this.#name(folder)}: must have one of filter.json, iterator.json and ruleset.json`,
      );
      return undefined;
    }
    const file = join(folder, kind);
    const at = { file: this.#name(file) };
    if (kind === 'ruleset.json') {
      const own = this.#read(file, parseRuleset);
      return own && { type: 'Ruleset', ...at, ...own, rules: this.#rules(join(folder, 'rules')) };
    }
    if (kind === 'filter.json') {
      const own = this.#read(file, parseFilter);
      return own && { type: 'Filter', ...at, ...own, nodes: this.#children(folder, above) };
    }
    const own = this.#read(file, parseIterator);
    if (above.length > 0)
      this.problems.push(`${this.#name(file)}: an iterator cannot be below another, ${above[0]}`);
    return own && { type: 'Iterator', ...at, ...own, nodes: this.#children(folder, [own.name]) };
  }

  #rules(folder: string): RuleConfig[] {
    const files = entriesOf(folder)
      .filter((entry) => entry.isFile() && entry.name.endsWith('.json'))
      .map(({ name }) => name)
      .toSorted();
    const rules = files.flatMap((name) => {
      const file = join(folder, name);
      if (!/^\d+_\w+\.json$/.test(name)) {
        this.problems.push(`${this.#name(file)}: must be called <number>_<name>.json`);
        return [];
      }
      const rule = this.#read(file, parseRule);
      return rule ? [{ file: this.#name(file), ...rule }] : [];
    });
    this.#unique(rules);
    return rules;
  }

  #unique(all: readonly { file: string; name: string }[]): void {
    const seen = new Map<string, string>();
    for (const { file, name } of all) {
      const first = seen.get(name);
      if (first !== undefined) this.problems.push(`${file}: name: "${name}" is the name of ${first} too`);
      seen.set(name, file);
    }
  }

  /** What `parse` makes of a file of JSON; `undefined` where something is wrong with it. */
  #read<T>(file: string, parse: (piece: Piece) => T): T | undefined {
    const name = this.#name(file);
    try {
      return parse(new Piece(JSON.parse(readFileSync(file, 'utf8')), name));
    } catch (error) {
      const { message } = error as Error;
      this.problems.push(error instanceof NotValid ? message : `${name}: ${message}`);
      return undefined;
    }
  }

  /** From the folder of the tree on, with its own name. */
  #name(path: string): string {
    return relative(join(this.#folder, '..'), path);
  }
}

const foldersIn = (folder: string): string[] =>
  entriesOf(folder)
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => name)
    .toSorted();

const entriesOf = (folder: string): Dirent[] =>
  existsSync(folder) ? readdirSync(folder, { withFileTypes: true }) : [];
