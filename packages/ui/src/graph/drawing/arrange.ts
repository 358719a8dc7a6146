import type { ELK, ElkExtendedEdge, ElkNode } from 'elkjs/lib/elk-api.js';
import { cardHeight, cardWidth, type Layout, type Point } from './graph.ts';

/** What a layout depends on: how many nodes there are, and from where to where edges lead. */
export interface Shape {
  readonly nodes: number;
  readonly edges: readonly { readonly from: number; readonly to: number; readonly back: boolean }[];
  /** Pixels between layers. */
  readonly gap?: number | undefined;
}

/**
 * Lays a graph out in layers from left to right; nodes of a layer keep their order where that costs no crossing and
 * edges are not very many.
 */
export async function arrange(elk: Pick<ELK, 'layout'>, shape: Shape): Promise<Layout> {
  return layoutOf(await elk.layout(elkGraph(shape)), shape);
}

function elkGraph({ nodes, edges, gap = 72 }: Shape): ElkNode {
  // Exact placing is tidier, and takes seconds where there are many edges beside those of a tree.
  const tree = edges.length < nodes * 1.1;
  // Nor is it worth minutes to cross a few lines less where there are hundreds.
  const many = edges.length > 400;
  return {
    id: 'graph',
    layoutOptions: {
      'elk.algorithm': 'layered',
      'elk.direction': 'RIGHT',
      'elk.edgeRouting': 'ORTHOGONAL',
      'elk.layered.mergeEdges': 'true',
      'elk.layered.considerModelOrder.strategy': many ? 'NONE' : 'NODES_AND_EDGES',
      'elk.layered.thoroughness': many ? '1' : '7',
      'elk.layered.nodePlacement.strategy': tree ? 'NETWORK_SIMPLEX' : 'BRANDES_KOEPF',
      'elk.layered.nodePlacement.bk.fixedAlignment': 'BALANCED',
      'elk.layered.spacing.nodeNodeBetweenLayers': `${gap}`,
      'elk.layered.spacing.edgeNodeBetweenLayers': '24',
      'elk.spacing.nodeNode': '20',
      'elk.spacing.edgeNode': '16',
      'elk.spacing.componentComponent': '40',
      'elk.padding': '[top=0,left=0,bottom=0,right=0]',
    },
    children: Array.from({ length: nodes }, (_, node) => ({
      id: `n${node}`,
      width: cardWidth,
      height: cardHeight,
    })),
    // An edge that leads back is laid out the other way round, so that it moves no node.
    edges: edges.map(({ from, to, back }, edge) => ({
      id: `e${edge}`,
      sources: [`n${back ? to : from}`],
      targets: [`n${back ? from : to}`],
    })),
  };
}

function layoutOf({ width = 0, height = 0, children = [], edges = [] }: ElkNode, shape: Shape): Layout {
  return {
    width,
    height,
    corners: children.map(({ x = 0, y = 0 }) => ({ x, y })),
    routes: edges.map((edge, at) => {
      const route = routeOf(edge);
      return shape.edges[at]!.back ? route.toReversed() : route;
    }),
  };
}

function routeOf({ sections = [] }: ElkExtendedEdge): Point[] {
  return sections.flatMap(({ startPoint, bendPoints = [], endPoint }) => [
    startPoint,
    ...bendPoints,
    endPoint,
  ]);
}
