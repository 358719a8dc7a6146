import { HttpError } from '../../http/route.ts';
import type { FilterConfig, NodeConfig, RuleConfig } from '../../tree/tree-config.ts';
import { nodeAt, rulesetAt } from '../../tree/find-node.ts';

/** Nodes below the caller's part of the tree are named `root,tenant,ruleset` in URLs, from the last node of that part on. */
export function fullPath(own: readonly string[], nodePath: string | undefined): string[] {
  if (nodePath === undefined) return [...own];
  const [first, ...rest] = nodePath.split(',');
  if (first !== own.at(-1)) throw new HttpError(404, `there is no node ${nodePath}`);
  return [...own, ...rest];
}

/** The children of a node, each in short; of no node the one at the top. */
export function childrenOf(
  root: FilterConfig,
  own: readonly string[],
  nodePath: string | undefined,
): object[] {
  if (nodePath === undefined) return [inShort(nodeAt(root, own), false)];
  const path = fullPath(own, nodePath);
  const node = nodeAt(root, path);
  if (node.type === 'Ruleset') return [];
  return node.nodes.map((each) => inShort(each, node.type === 'Iterator'));
}

/** All that a node says, but for its children. */
export function detailsOf(node: NodeConfig): object {
  const { type, name } = node;
  if (node.type === 'Ruleset') return { type, name, rules: node.rules.map(ruleInShort) };
  const { description, active } = node;
  if (node.type === 'Iterator') return { type, name, description, active, target: node.target };
  return { type, name, description, active, filter: node.filter ?? null };
}

export function ruleDetails(root: FilterConfig, path: readonly string[], name: string): object {
  const rule = rulesetAt(root, path).rules.find((each) => each.name === name);
  if (!rule) throw new HttpError(404, `there is no rule ${name}`);
  const { file: _, ...details } = rule;
  return details;
}

/** How much there is at and below a node. */
export function treeInfo(node: NodeConfig): {
  rules_count: number;
  filters_count: number;
  iterators_count: number;
} {
  if (node.type === 'Ruleset')
    return { rules_count: node.rules.length, filters_count: 0, iterators_count: 0 };
  return node.nodes.map(treeInfo).reduce(
    (sum, each) => ({
      rules_count: sum.rules_count + each.rules_count,
      filters_count: sum.filters_count + each.filters_count,
      iterators_count: sum.iterators_count + each.iterators_count,
    }),
    {
      rules_count: 0,
      filters_count: node.type === 'Filter' ? 1 : 0,
      iterators_count: node.type === 'Iterator' ? 1 : 0,
    },
  );
}

function inShort(node: NodeConfig, belowIterator: boolean): object {
  const { type, name } = node;
  const { rules_count } = treeInfo(node);
  if (node.type === 'Ruleset') return { type, name, rules_count };
  const { description, active, nodes } = node;
  const counts = { rules_count, children_count: nodes.length };
  if (node.type === 'Iterator') return { type, name, ...counts, description, active };
  return { type, name, ...counts, description, has_iterator_ancestor: belowIterator, active };
}

const ruleInShort = ({ name, description, continue: goOn, active, actions }: RuleConfig): object => ({
  name,
  description,
  continue: goOn,
  active,
  actions: actions.map(({ id }) => id),
});
