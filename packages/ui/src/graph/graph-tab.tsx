import { useMemo } from 'react';
import { ErrorNotice } from '../design/error-notice.tsx';
import { Pending } from '../design/pending.tsx';
import type { TraceState } from '../trace/use-trace-state.ts';
import { GraphView } from './drawing/graph-view.tsx';
import { useLayout } from './drawing/use-layout.ts';
import { GraphOptions } from './graph-options.tsx';
import classes from './graph-tab.module.css';
import { NodePanel } from './node-panel.tsx';
import { useTraceGraph, type GraphState } from './use-trace-graph.ts';

/** The trace as a graph of its operations: who calls whom how often, and where the time goes. */
export function GraphTab({ state, searching }: { state: TraceState; searching: boolean }) {
  const graph = useTraceGraph(state);
  return (
    <div className={classes.tab}>
      <GraphOptions state={state} graph={graph} searching={searching} />
      <div className={classes.split}>
        <div className={classes.drawing}>
          <Drawing state={state} graph={graph} />
        </div>
        {graph.selected >= 0 && <NodePanel state={state} graph={graph} />}
      </div>
    </div>
  );
}

function Drawing({ state, graph }: { state: TraceState; graph: GraphState }) {
  const { actions } = state;
  const { drawn, selected, found } = graph;
  const { arranged, pending, error } = useLayout(drawn);
  const matches = useMemo(() => {
    if (!found) return undefined;
    const isFound = new Set(found);
    return drawn.nodes.map((_, node) => isFound.has(node));
  }, [found, drawn]);
  const onGraph = useMemo(
    () => ({
      select: (node: number) => actions.select(graph.graph.nodes[node]?.longest ?? -1),
      open: (node: number) => {
        const longest = graph.graph.nodes[node]?.longest;
        if (longest === undefined) return;
        actions.change({ tab: 'waterfall' });
        actions.open(longest);
      },
    }),
    [actions, graph.graph],
  );
  if (error) return <ErrorNotice error={error} />;
  if (!arranged) return <Pending label="Arranging the graph…" />;
  // While another graph is being arranged the one before it stays, and does not answer.
  const current = !pending;
  return (
    <div className={classes.arranged} data-stale={pending || undefined} inert={pending}>
      <GraphView
        graph={arranged.graph}
        layout={arranged.layout}
        label={`${graphNames[arranged.graph.grouping]} of the trace`}
        subject={arranged.graph.grouping}
        selected={current ? selected : -1}
        matches={current ? matches : undefined}
        actions={onGraph}
      />
    </div>
  );
}

const graphNames = { path: 'Call paths', operation: 'Operations', service: 'Services' } as const;
