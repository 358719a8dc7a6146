import { Button } from '@mantine/core';
import { IconAlignBoxLeftStretch } from '@tabler/icons-react';
import { useMemo } from 'react';
import { formatCount } from '../design/format-count.ts';
import { formatDuration } from '../design/format-duration.ts';
import { Figure, Figures, NodeRow, NodeRows, Note, SidePanel } from '../design/side-panel.tsx';
import { useServiceColor } from '../design/use-service-color.tsx';
import { formatShare } from '../statistics/format-share.ts';
import { quantile } from '../statistics/quantile.ts';
import { Section } from '../design/section.tsx';
import { SpanList } from '../trace/details/span-list.tsx';
import type { TraceState } from '../trace/use-trace-state.ts';
import classes from './node-panel.module.css';
import type { GraphState } from './use-trace-graph.ts';

const mostSpans = 50;

/** All about the selected node: its figures, who calls it and whom it calls, its spans. */
export function NodePanel({ state, graph }: { state: TraceState; graph: GraphState }) {
  const { model, actions } = state;
  const { selected } = graph;
  const { nodes, edges, nodeOf } = graph.graph;
  const node = nodes[selected]!;
  const colorOf = useServiceColor();
  const { duration } = model.columns;
  const spans = useMemo(() => {
    const own = [...nodeOf.keys()].filter((span) => nodeOf[span] === selected);
    return own.sort((a, b) => duration[b]! - duration[a]!);
  }, [nodeOf, selected, duration]);
  const durations = useMemo(() => spans.map((span) => duration[span]!).toReversed(), [spans, duration]);
  const select = (at: number) => actions.select(nodes[at]!.longest);
  return (
    <SidePanel
      label="Node details"
      title={
        <>
          {node.operation !== undefined && <span className={classes.service}>{node.service}</span>}{' '}
          {node.operation === undefined ? node.service : node.operation || '(no name)'}
        </>
      }
      color={colorOf(node.service)}
      onClose={() => actions.select(-1)}
    >
      <Figures>
        <Figure name="Self time">
          {formatDuration(node.self)} <i>{formatShare(node.share)} of the trace</i>
        </Figure>
        <Figure name="Total time">{formatDuration(node.total)}</Figure>
        <Figure name="Spans">
          {formatCount(node.spans)}
          {node.recursive > 0 && <i> {formatCount(node.recursive)} called by itself</i>}
        </Figure>
        <Figure name="Errors">
          <span data-errors={node.errors > 0 || undefined}>{formatCount(node.errors)}</span>
        </Figure>
        <Figure name="p50 · p95 · max">
          {[quantile(durations, 0.5), quantile(durations, 0.95), durations.at(-1) ?? 0]
            .map(formatDuration)
            .join(' · ')}
        </Figure>
        {node.folded > 0 && <Figure name="Not shown">{formatCount(node.folded)} nodes below it</Figure>}
      </Figures>
      <Neighbours
        title="Called by"
        calls={edges.filter(({ to }) => to === selected).map((edge) => ({ ...edge, node: edge.from }))}
        graph={graph}
        onSelect={select}
      />
      <Neighbours
        title="Calls"
        calls={edges.filter(({ from }) => from === selected).map((edge) => ({ ...edge, node: edge.to }))}
        graph={graph}
        onSelect={select}
      />
      <Section
        title={spans.length > 1 ? 'Spans, longest first' : 'Span'}
        count={spans.length}
        action={
          <Button
            variant="subtle"
            size="compact-xs"
            leftSection={<IconAlignBoxLeftStretch size={13} />}
            onClick={() => {
              actions.change({ tab: 'waterfall', find: node.operation || node.service });
              actions.select(node.longest, 'center');
            }}
          >
            Find in the waterfall
          </Button>
        }
      >
        <SpanList state={state} nodes={spans.slice(0, mostSpans)} count={spans.length} />
      </Section>
    </SidePanel>
  );
}

interface Call {
  readonly node: number;
  readonly calls: number;
  readonly errors: number;
  readonly messages: number;
}

function Neighbours({
  title,
  calls,
  graph,
  onSelect,
}: {
  title: string;
  calls: readonly Call[];
  graph: GraphState;
  onSelect: (node: number) => void;
}) {
  const colorOf = useServiceColor();
  if (calls.length === 0) return null;
  return (
    <Section title={title} count={calls.length}>
      <NodeRows>
        {calls.map((call) => {
          const { service, operation } = graph.graph.nodes[call.node]!;
          return (
            <NodeRow
              key={call.node}
              color={colorOf(service)}
              name={operation === undefined ? service : operation || '(no name)'}
              onSelect={() => onSelect(call.node)}
            >
              {call.messages > 0 && <Note>message</Note>}
              {call.errors > 0 && <span data-errors>{formatCount(call.errors)} failed</span>}
              <Note>{formatCount(call.calls)}×</Note>
            </NodeRow>
          );
        })}
      </NodeRows>
    </Section>
  );
}
