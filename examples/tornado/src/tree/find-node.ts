import { HttpError } from '../http/route.ts';
import type { FilterConfig, NodeConfig, RulesetConfig } from './tree-config.ts';

/** The nodes from the root to the one at `path`, names from the root on; 404 where there is none. */
function nodesTo(root: FilterConfig, path: readonly string[]): NodeConfig[] {
  const [first, ...rest] = path;
  if (first !== root.name) throw new HttpError(404, `there is no node ${path.join('.')}`);
  const nodes: NodeConfig[] = [root];
  for (const name of rest) {
    const above = nodes.at(-1);
    const children = above === undefined || above.type === 'Ruleset' ? [] : above.nodes;
    const node = children.find((each) => each.name === name);
    if (!node) throw new HttpError(404, `there is no node ${path.join('.')}`);
    nodes.push(node);
  }
  return nodes;
}

export function nodeAt(root: FilterConfig, path: readonly string[]): NodeConfig {
  return nodesTo(root, path).at(-1) ?? root;
}

export function rulesetAt(root: FilterConfig, path: readonly string[]): RulesetConfig {
  const node = nodeAt(root, path);
  if (node.type !== 'Ruleset') throw new HttpError(404, `${path.join('.')} is no ruleset`);
  return node;
}

/** The tree with nothing but the node at `path`, what is below it, and the nodes on the way to it. */
export function restrict(root: FilterConfig, path: readonly string[]): FilterConfig {
  const [, ...below] = nodesTo(root, path);
  const only = below.reduceRight<NodeConfig | undefined>(
    (child, node) => (child === undefined || node.type === 'Ruleset' ? node : { ...node, nodes: [child] }),
    undefined,
  );
  return only ? { ...root, nodes: [only] } : root;
}
