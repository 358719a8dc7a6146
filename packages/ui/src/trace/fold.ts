import type { TraceColumns } from './columns.ts';
import type { Tree } from './tree.ts';

/**
 * Which branches are folded, as the steps that led there, in order: short enough for an address even where one step
 * folds 100,000 spans, and still right when more spans arrive. A span is named by `spanKey`.
 */
export type FoldStep =
  /** Fold everything at this depth and below, and unfold what is above. 0 is the roots. */
  | { readonly at: 'depth'; readonly depth: number }
  | { readonly at: 'span' | 'subtree'; readonly key: string; readonly folded: boolean };

const written = /^(?:d(\d{1,7})|([fuFU])([0-9a-f]{1,32}(?:~\d{1,7})?))$/;

/** `d2.u00f067aa.F53995c3f` and the like; steps that cannot be read are left out. */
export function parseFold(text: string | undefined): FoldStep[] {
  return (text ?? '').split('.').flatMap((part): FoldStep[] => {
    const [, depth, letter, key] = written.exec(part) ?? [];
    if (depth !== undefined) return [{ at: 'depth', depth: Number(depth) }];
    if (letter === undefined || key === undefined) return [];
    const at = letter === letter.toUpperCase() ? 'subtree' : 'span';
    return [{ at, key, folded: letter.toLowerCase() === 'f' }];
  });
}

export function printFold(steps: readonly FoldStep[]): string | undefined {
  const parts = steps.map((step) => {
    if (step.at === 'depth') return `d${step.depth}`;
    const letter = step.folded ? 'f' : 'u';
    return (step.at === 'subtree' ? letter.toUpperCase() : letter) + step.key;
  });
  return parts.length > 0 ? parts.join('.') : undefined;
}

/** One more step; steps that it makes meaningless are dropped. */
export function addFold(steps: readonly FoldStep[], step: FoldStep): FoldStep[] {
  if (step.at === 'depth') return [step];
  const kept = steps.filter(
    (each) => each.at === 'depth' || each.key !== step.key || (each.at === 'subtree' && step.at === 'span'),
  );
  return [...kept, step];
}

/** The span of a key, or -1. */
export type FindNode = (key: string) => number;

/** By node: 1 where it is folded. What has no children never is. */
export function foldedNodes(tree: Tree, steps: readonly FoldStep[], nodeOf: FindNode): Uint8Array {
  const folded = new Uint8Array(tree.size);
  for (const step of steps) {
    if (step.at === 'depth') foldBelow(tree, step.depth, folded);
    else foldOne(tree, nodeOf(step.key), step, folded);
  }
  for (let node = 0; node < tree.size; node++) if (tree.children[node] === 0) folded[node] = 0;
  return folded;
}

function foldBelow(tree: Tree, depth: number, folded: Uint8Array) {
  for (let node = 0; node < tree.size; node++) folded[node] = tree.depth[node]! >= depth ? 1 : 0;
}

function foldOne(tree: Tree, node: number, step: { at: string; folded: boolean }, folded: Uint8Array) {
  if (node < 0) return;
  const to = step.at === 'subtree' ? tree.end[node]! : tree.position[node]! + 1;
  for (let at = tree.position[node]!; at < to; at++) folded[tree.order[at]!] = step.folded ? 1 : 0;
}

/** The steps with everything above `node` unfolded. */
export function unfoldTo(
  tree: Tree,
  folded: Uint8Array,
  node: number,
  steps: readonly FoldStep[],
  keyOf: (node: number) => string,
): readonly FoldStep[] {
  let result = steps;
  for (let above = tree.parent[node]!; above >= 0; above = tree.parent[above]!) {
    if (folded[above]) result = addFold(result, { at: 'span', key: keyOf(above), folded: false });
  }
  return result;
}

/**
 * Names of nodes in addresses: the span id, with `~2` for the second node that bears it and so on. Both directions
 * in one pass over the ids, made when first needed.
 */
export function nodeKeys({ ids }: TraceColumns): { keyOf: (node: number) => string; nodeOf: FindNode } {
  let nodes: Map<string, number> | undefined;
  const repeated = new Map<number, string>();
  const index = () => {
    if (nodes) return nodes;
    nodes = new Map();
    for (let node = 0; node < ids.length; node++) {
      const id = ids[node]!;
      if (!nodes.has(id)) {
        nodes.set(id, node);
        continue;
      }
      let nth = 2;
      while (nodes.has(`${id}~${nth}`)) nth++;
      nodes.set(`${id}~${nth}`, node);
      repeated.set(node, `${id}~${nth}`);
    }
    return nodes;
  };
  return {
    nodeOf: (key) => index().get(key) ?? -1,
    keyOf: (node) => (index(), repeated.get(node)) ?? ids[node] ?? '',
  };
}
