import { useMemo } from 'react';
import { useServiceColor } from '../design/use-service-color.tsx';
import type { TraceState } from '../trace/use-trace-state.ts';
import { drawnGraph, type DrawnTrace } from './drawn-graph.ts';
import { traceGraph, usualGrouping, type Grouping, type TraceGraph } from './trace-graph.ts';

export interface GraphState {
  readonly graph: TraceGraph;
  readonly drawn: DrawnTrace;
  readonly grouping: Grouping;
  /** The node of the selected span, or -1. */
  readonly selected: number;
  /** Nodes with what is looked for, ascending; undefined while nothing is. */
  readonly found: readonly number[] | undefined;
}

/** The trace as a graph, with what the user has made of it. */
export function useTraceGraph({ model, url, selected: span, found }: TraceState): GraphState {
  const { columns, tree } = model;
  const usual = useMemo(() => usualGrouping(columns, tree), [columns, tree]);
  const grouping = url.nodes ?? usual;
  const graph = useMemo(() => traceGraph(columns, tree, grouping), [columns, tree, grouping]);
  const colorOf = useServiceColor();
  const drawn = useMemo(() => drawnGraph(graph, url.colors, colorOf), [graph, url.colors, colorOf]);
  const foundNodes = useMemo(() => {
    if (!found) return undefined;
    const nodes = new Set(
      [...found.nodes].map((each) => graph.nodeOf[each] ?? -1).filter((node) => node >= 0),
    );
    return [...nodes].sort((a, b) => a - b);
  }, [found, graph]);
  return { graph, drawn, grouping, selected: graph.nodeOf[span] ?? -1, found: foundNodes };
}
