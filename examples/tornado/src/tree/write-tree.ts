import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { FilterConfig, NodeConfig, RuleConfig } from './tree-config.ts';

/** Writes a processing tree into its folder, in place of what is there. */
export function writeTree(folder: string, root: FilterConfig): void {
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  writeJson(join(folder, 'version.json'), { version: '2.0' });
  writeNode(folder, root);
}

function writeNode(folder: string, node: NodeConfig): void {
  mkdirSync(folder, { recursive: true });
  if (node.type === 'Ruleset') return writeRuleset(folder, node.name, node.rules);
  const { name, description, active } = node;
  if (node.type === 'Filter') {
    const { filter } = node;
    writeJson(join(folder, 'filter.json'), { type: 'filter', name, description, active, filter });
  } else {
    const { target } = node;
    writeJson(join(folder, 'iterator.json'), { type: 'iterator', name, description, active, target });
  }
  for (const [index, child] of node.nodes.entries())
    writeNode(join(folder, numbered(index, child.name)), child);
}

function writeRuleset(folder: string, name: string, rules: readonly RuleConfig[]): void {
  writeJson(join(folder, 'ruleset.json'), { type: 'ruleset', name });
  mkdirSync(join(folder, 'rules'), { recursive: true });
  for (const [index, { file: _, ...rule }] of rules.entries()) {
    writeJson(join(folder, 'rules', `${numbered(index, rule.name)}.json`), rule);
  }
}

/** Files and folders are read in the order of their names. */
const numbered = (index: number, name: string): string =>
  `${String(10 * (index + 1)).padStart(4, '0')}_${name}`;

const writeJson = (file: string, content: object): void =>
  writeFileSync(file, `${JSON.stringify(content, undefined, 2)}\n`);
