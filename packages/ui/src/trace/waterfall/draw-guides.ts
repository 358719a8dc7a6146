import { indentPx } from './indent.ts';
import { logOf } from '../rows.ts';
import { depthOfContent, rowHeight, treeLeft, type Scene, type Sight } from './scene.ts';
import { hasLaterSibling } from '../tree.ts';

const middle = rowHeight / 2;

/** Lines from each parent down to its children, only for the levels that are in sight. */
export function drawGuides(
  ctx: CanvasRenderingContext2D,
  scene: Scene,
  sight: Sight,
  content: number,
  y: number,
) {
  const { tree, logs } = scene.model;
  const { indent, deep } = sight;
  const lineX = (depth: number) => treeLeft(deep) + indentPx(indent, depth) + 7;
  ctx.fillStyle = scene.paints.guide;
  let node = content;
  if (content < 0) {
    node = logs.node[logOf(content)]!;
    if (node < 0) return;
    if (tree.children[node]! > 0 && !scene.folded[node])
      ctx.fillRect(lineX(tree.depth[node]!), y, 1, rowHeight);
  } else if (tree.children[node]! > 0 && !scene.folded[node]) {
    ctx.fillRect(lineX(tree.depth[node]!), y + middle + 7, 1, rowHeight - middle - 7);
  }
  for (let at = node; at >= 0 && tree.depth[at]! > indent.base; at = tree.parent[at]!) {
    const x = lineX(tree.depth[at]! - 1);
    const on = hasLaterSibling(tree, at);
    if (at !== content) {
      if (on) ctx.fillRect(x, y, 1, rowHeight);
      continue;
    }
    ctx.fillRect(x, y, 1, on ? rowHeight : middle);
    const to = lineX(depthOfContent(scene, content)) - (tree.children[at]! > 0 ? 7 : 0);
    ctx.fillRect(x, y + middle, Math.max(to - x, 2), 1);
  }
}
