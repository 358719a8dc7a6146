import type { MapEdge, MapNode, ServiceMap } from '@throughline/query/api';
import { formatDuration } from '../design/format-duration.ts';
import type { DrawnGraph, DrawnNode } from '../graph/drawing/graph.ts';
import { formatShare } from '../statistics/format-share.ts';
import { formatRate } from './format-rate.ts';

/** A map as it is drawn, and what its nodes and edges are of; edges name nodes by their places. */
export interface DrawnMap extends DrawnGraph {
  readonly mapNodes: readonly MapNode[];
  readonly mapEdges: readonly PlacedEdge[];
  /** Edges left out because there are too many. */
  readonly hidden: number;
}

export interface PlacedEdge {
  readonly from: number;
  readonly to: number;
  readonly back: boolean;
  readonly edge: MapEdge;
}

/** Beyond these the edges with fewest calls are left out: nobody could follow them. */
const mostEdges = 600;
/** Between layers, so that figures have room on the edges. */
const gap = 124;

/** `colorOf` a service. */
export function drawnMap(map: ServiceMap, colorOf: (service: string) => string): DrawnMap {
  const kept = map.edges.toSorted((a, b) => b.calls - a.calls).slice(0, mostEdges);
  const { order, back } = walk(map.nodes, kept);
  const place = new Map(order.map(({ id }, at) => [id, at]));
  const edges = kept
    .map((edge) => ({ edge, from: place.get(edge.from)!, to: place.get(edge.to)!, back: back.has(edge) }))
    .toSorted((a, b) => a.from - b.from || a.to - b.to);
  return {
    gap,
    nodes: order.map((node) => drawnNode(node, waitOf(node, map.edges), colorOf)),
    edges: edges.map(({ edge, ...ends }) => ({
      ...ends,
      dashed: false,
      failed: edge.error_rate > 0,
      width: widthOf(edge.rate),
      text: '',
    })),
    mapNodes: order,
    mapEdges: edges,
    hidden: map.edges.length - kept.length,
  };
}

/** From those whom nobody calls along the calls; an edge that leads to where one came from leads back. */
function walk(
  nodes: readonly MapNode[],
  edges: readonly MapEdge[],
): { order: MapNode[]; back: Set<MapEdge> } {
  const byId = new Map(nodes.map((node) => [node.id, node]));
  const out = new Map<string, MapEdge[]>();
  for (const edge of edges) out.set(edge.from, [...(out.get(edge.from) ?? []), edge]);
  const called = new Set(edges.map(({ to }) => to));
  const order: MapNode[] = [];
  const back = new Set<MapEdge>();
  const state = new Map<string, 'open' | 'done'>();
  const visit = (node: MapNode) => {
    state.set(node.id, 'open');
    order.push(node);
    for (const edge of out.get(node.id) ?? []) {
      const next = byId.get(edge.to)!;
      if (state.get(next.id) === 'open') back.add(edge);
      else if (!state.has(next.id)) visit(next);
    }
    state.set(node.id, 'done');
  };
  const starts = nodes.toSorted(
    (a, b) => Number(called.has(a.id)) - Number(called.has(b.id)) || b.calls - a.calls,
  );
  for (const node of starts) if (!state.has(node.id)) visit(node);
  return { order, back };
}

export const kindNames = {
  service: 'Service',
  topic: 'Topic',
  database: 'Database',
  external: 'External',
} as const;

function drawnNode(node: MapNode, wait: number | undefined, colorOf: (service: string) => string): DrawnNode {
  const time = timeOf(node.p95, wait);
  return {
    title: node.name,
    subtitle: whatItIs(node),
    facts: [node.calls > 0 ? formatRate(node.rate) : 'not called', node.calls > 0 ? time : ''],
    color: node.kind === 'service' ? colorOf(node.name) : 'var(--mantine-color-dimmed)',
    fill: undefined,
    part: 0,
    errors: node.errors,
    label: `${node.name}, ${whatItIs(node).toLowerCase()}, ${describe(node)}${wait === undefined ? '' : `, ${time}`}`,
  };
}

/** How long messages waited, or else calls took, p95; empty where nobody has measured either. */
export function timeOf(p95: number, wait: number | undefined): string {
  if (wait !== undefined) return wait < 1000 ? 'no wait' : `waits ${formatDuration(wait)}`;
  return p95 > 0 ? `p95 ${formatDuration(p95)}` : '';
}

/** How long messages of a topic wait for the slowest of its consumers, p95; undefined: that is not known. */
function waitOf({ id }: MapNode, edges: readonly MapEdge[]): number | undefined {
  const waits = edges.flatMap(({ from, lag_p95 }) => (from === id && lag_p95 !== undefined ? [lag_p95] : []));
  return waits.length === 0 ? undefined : Math.max(...waits);
}

/** `Kafka topic`, `Service`. */
export function whatItIs({ kind, system, name }: MapNode): string {
  if (system === undefined || system === name) return kindNames[kind];
  return `${system} ${kindNames[kind].toLowerCase()}`;
}

/** The figures of a node or an edge in words. */
export function describe({ calls, rate, errors, error_rate, p95, ...more }: MapNode | MapEdge): string {
  if (calls === 0) return 'no calls in this time';
  const lag =
    'lag_p95' in more && more.lag_p95 !== undefined ? [`p95 wait ${formatDuration(more.lag_p95)}`] : [];
  return [
    formatRate(rate),
    ...(errors > 0 ? [`${formatShare(error_rate)} failed`] : []),
    ...(p95 > 0 ? [`p95 ${formatDuration(p95)}`] : []),
    ...lag,
  ].join(', ');
}

/** In pixels: thrice the rate is one more. */
export function widthOf(rate: number): number {
  return Math.min(Math.max(1.5 + Math.log(rate * 60 + 1) / Math.log(10), 1.5), 6);
}

/** How red something is of which this share failed, 0 to 1: one in a hundred can be seen, one in ten is glaring. */
export function alarm(errorRate: number): number {
  return errorRate === 0 ? 0 : Math.min(1, 0.35 + 0.65 * Math.sqrt(errorRate / 0.1));
}
