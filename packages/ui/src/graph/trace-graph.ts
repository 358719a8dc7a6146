import { groupsOf, type Groups } from '../statistics/groups.ts';
import { selfTimes } from '../statistics/self-times.ts';
import { statusError, type TraceColumns } from '../trace/columns.ts';
import type { Tree } from '../trace/tree.ts';
import { callEdges, type CallEdge } from './call-edges.ts';
import { mostTelling } from './most-telling.ts';
import { pathsOf } from './paths.ts';

/**
 * What spans become one node by:
 * - `path`: service, operation and the node above, so that an operation that is called from two places has two nodes;
 *   where it is already above itself (recursion), its spans belong to that node;
 * - `operation`: service and operation, wherever called from;
 * - `service`.
 */
export const groupings = ['path', 'operation', 'service'] as const;
export type Grouping = (typeof groupings)[number];

/** A trace as a graph without circles: calls that lead back are told apart. */
export interface TraceGraph {
  readonly grouping: Grouping;
  readonly nodes: readonly GraphNode[];
  readonly edges: readonly GraphEdge[];
  /** The node of each span, as an index; -1 where it was left out. */
  readonly nodeOf: Int32Array;
  /** Nodes left out because there are too many, and errors in them. */
  readonly hidden: { readonly nodes: number; readonly errors: number };
}

export interface GraphEdge extends CallEdge {
  /** Whether it is drawn: of too many edges those are not that few calls took. */
  readonly drawn: boolean;
}

export interface GraphNode {
  readonly service: string;
  /** Undefined where services are nodes. */
  readonly operation: string | undefined;
  readonly spans: number;
  readonly errors: number;
  /** Sums over its spans, in nanoseconds. */
  readonly total: number;
  readonly self: number;
  /** Part of all self time, 0 to 1. */
  readonly share: number;
  /** Spans whose parent is in this node too. */
  readonly recursive: number;
  /** The span that lasts longest. */
  readonly longest: number;
  /** Nodes below it that were left out. */
  readonly folded: number;
}

export const mostNodes = 300;

/** The finest grouping in which the trace has at most `mostNodes` nodes; services, where there is none. */
export function usualGrouping(columns: TraceColumns, tree: Tree): Grouping {
  const operations = groupsOf(columns, 'operation');
  if (operations.count > mostNodes) return 'service';
  return pathsOf(operations, columns, tree).count > mostNodes ? 'operation' : 'path';
}

/** Linear in the spans (statistics.bench.ts); of more than `limit` nodes the most telling stay. */
export function traceGraph(
  columns: TraceColumns,
  tree: Tree,
  grouping: Grouping,
  limit = mostNodes,
): TraceGraph {
  const groups = grouped(columns, tree, grouping);
  const sums = summed(columns, selfTimes(columns, tree), groups);
  const edges = callEdges(columns, tree, groups);
  const { index, folded } = mostTelling(groups, sums.self, columns, tree, limit);
  const allSelf = sums.self.reduce((sum, each) => sum + each, 0);
  const nodes: GraphNode[] = [];
  const hidden = { nodes: 0, errors: 0 };
  for (let group = 0; group < groups.count; group++) {
    if (index[group]! < 0) {
      hidden.nodes++;
      hidden.errors += sums.errors[group]!;
      continue;
    }
    const first = groups.first[group]!;
    nodes.push({
      service: columns.services[columns.service[first]!]!,
      operation: grouping === 'service' ? undefined : columns.names[columns.name[first]!]!,
      spans: sums.spans[group]!,
      errors: sums.errors[group]!,
      total: sums.total[group]!,
      self: sums.self[group]!,
      share: allSelf > 0 ? sums.self[group]! / allSelf : 0,
      recursive: edges.within[group]!,
      longest: sums.longest[group]!,
      folded: folded[group]!,
    });
  }
  return {
    grouping,
    nodes,
    edges: withMostCalls(
      edges.between
        .filter(({ from, to }) => index[from]! >= 0 && index[to]! >= 0)
        .map((edge) => ({ ...edge, from: index[edge.from]!, to: index[edge.to]! })),
      nodes.length,
    ),
    nodeOf: groups.of.map((group) => index[group]!),
    hidden,
  };
}

/** Draws to each node the edge that most calls take to it, and then those with most calls, two for each node. */
function withMostCalls(edges: readonly CallEdge[], nodes: number): GraphEdge[] {
  const room = 2 * nodes;
  if (edges.length <= room) return edges.map((edge) => ({ ...edge, drawn: true }));
  const byCalls = edges.toSorted((a, b) => b.calls - a.calls);
  const main = new Map<number, CallEdge>();
  for (const edge of byCalls) if (!edge.back && !main.has(edge.to)) main.set(edge.to, edge);
  const drawn = new Set([...new Set([...main.values(), ...byCalls])].slice(0, room));
  return edges.map((edge) => ({ ...edge, drawn: drawn.has(edge) }));
}

function grouped(columns: TraceColumns, tree: Tree, grouping: Grouping): Groups {
  if (grouping === 'path') return pathsOf(groupsOf(columns, 'operation'), columns, tree);
  return groupsOf(columns, grouping);
}

/** By group. */
function summed(columns: TraceColumns, selfOf: Float64Array, { count, of }: Groups) {
  const { spans: size, duration, status } = columns;
  const [total, self] = [new Float64Array(count), new Float64Array(count)];
  const [spans, errors] = [new Uint32Array(count), new Uint32Array(count)];
  const longest = new Int32Array(count).fill(-1);
  for (let span = 0; span < size; span++) {
    const group = of[span]!;
    spans[group]!++;
    if (status[span] === statusError) errors[group]!++;
    total[group]! += Math.max(0, duration[span]!);
    self[group]! += selfOf[span]!;
    const before = longest[group]!;
    if (before < 0 || duration[span]! > duration[before]!) longest[group] = span;
  }
  return { total, self, spans, errors, longest };
}
