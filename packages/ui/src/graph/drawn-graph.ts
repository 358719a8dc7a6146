import { countOf, formatCount } from '../design/format-count.ts';
import { formatDuration } from '../design/format-duration.ts';
import { formatShare } from '../statistics/format-share.ts';
import type { DrawnEdge, DrawnGraph, DrawnNode } from './drawing/graph.ts';
import type { CallEdge } from './call-edges.ts';
import type { GraphNode, Grouping, TraceGraph } from './trace-graph.ts';

/** What the colour of a node says. */
export const colorings = ['service', 'self', 'errors'] as const;
export type Coloring = (typeof colorings)[number];

/** An edge is marked where at least this part of its calls failed. */
const failing = 0.05;

export interface DrawnTrace extends DrawnGraph {
  readonly grouping: Grouping;
}

/** How the graph of a trace looks; `colorOf` a service. */
export function drawnGraph(
  { grouping, nodes, edges }: TraceGraph,
  coloring: Coloring,
  colorOf: (service: string) => string,
): DrawnTrace {
  const most = Math.max(...nodes.map(({ share }) => share), Number.MIN_VALUE);
  return {
    grouping,
    nodes: nodes.map((node) => ({
      ...textsOf(node),
      color: coloring === 'errors' ? 'var(--faded)' : colorOf(node.service),
      fill: fillOf(node, coloring, most),
      part: node.share,
      errors: node.errors,
    })),
    edges: edges.filter(({ drawn }) => drawn).map(edgeOf),
  };
}

function textsOf(node: GraphNode): Pick<DrawnNode, 'title' | 'subtitle' | 'facts' | 'label'> {
  const { service, operation, spans, self, total, share, errors, recursive, folded } = node;
  const title = operation === undefined ? service : operation || '(no name)';
  const count = `${formatCount(spans)}×${recursive > 0 ? ' ↻' : ''}`;
  const label = [
    operation === undefined ? service : `${service}: ${title}`,
    countOf(spans, 'span'),
    `self time ${formatDuration(self)}, ${formatShare(share)} of the trace`,
    `total ${formatDuration(total)}`,
    ...(errors > 0 ? [countOf(errors, 'error')] : []),
    ...(recursive > 0 ? [`calls itself ${formatCount(recursive)} times`] : []),
    ...(folded > 0 ? [`${formatCount(folded)} more below it not shown`] : []),
  ].join(', ');
  return {
    title,
    subtitle: `${operation === undefined ? countOf(spans, 'span') : service}${folded > 0 ? ` · +${formatCount(folded)} below` : ''}`,
    facts: [
      `${formatDuration(self)} self · ${formatShare(share)}`,
      operation === undefined ? formatDuration(total) : count,
    ],
    label,
  };
}

/** Stronger than in proportion, so that also what is a tenth of the most can be told from nothing. */
function fillOf({ share, errors, spans }: GraphNode, coloring: Coloring, most: number): string | undefined {
  switch (coloring) {
    case 'service':
      return undefined;
    case 'self':
      return mixed('--heat', Math.sqrt(share / most) * 75);
    case 'errors':
      return mixed('--error-mark', errors > 0 ? 14 + 26 * Math.sqrt(errors / spans) : 0);
  }
}

function mixed(color: string, percent: number): string {
  return `color-mix(in srgb, var(${color}) ${percent.toFixed(1)}%, var(--mantine-color-body))`;
}

function edgeOf({ from, to, calls, errors, messages, back }: CallEdge): DrawnEdge {
  return {
    from,
    to,
    back,
    dashed: messages > 0,
    failed: errors > 0 && errors >= calls * failing,
    width: Math.min(1.25 + Math.log10(calls) * 0.9, 4),
    text: calls > 1 ? `${formatCount(calls)}×` : '',
  };
}
