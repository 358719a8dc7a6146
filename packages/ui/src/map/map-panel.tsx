import { Button } from '@mantine/core';
import { IconArrowRight, IconFocus2 } from '@tabler/icons-react';
import type { MapEdge, MapNode } from '@throughline/query/api';
import { Link } from '@tanstack/react-router';
import type { Period } from '../api/questions.ts';
import { formatCount } from '../design/format-count.ts';
import { formatDuration } from '../design/format-duration.ts';
import { Figure, Figures, NodeRow, NodeRows, Note, SidePanel } from '../design/side-panel.tsx';
import type { SearchState } from '../search/search-state.ts';
import { formatShare } from '../statistics/format-share.ts';
import { Section } from '../design/section.tsx';
import { usePart } from '../hooks/use-part.tsx';
import { whatItIs, type DrawnMap, type PlacedEdge } from './drawn-map.ts';
import { formatRate } from './format-rate.ts';
import classes from './map-panel.module.css';
import { timesOf, type MapState } from './map-state.ts';
import { RedCharts } from './red-charts.tsx';
import { tracesOfEdge, tracesOfNode } from './trace-links.ts';

export interface PanelProps {
  readonly map: DrawnMap;
  readonly state: MapState;
  readonly period: Period;
  readonly onChange: (change: Partial<MapState>) => void;
}

/** All about the selected node: its figures, how they changed, who calls it and whom it calls, its traces. */
export function NodePanel({ map, state, period, onChange, at }: PanelProps & { readonly at: number }) {
  const node = map.mapNodes[at]!;
  const close = () => onChange({ node: undefined });
  return (
    <SidePanel
      label="Node details"
      title={node.name}
      note={whatItIs(node)}
      color={map.nodes[at]!.color}
      onClose={close}
    >
      <div className={classes.actions}>
        <Button
          variant="default"
          size="compact-sm"
          leftSection={<IconFocus2 size={14} />}
          aria-pressed={state.focus === node.id}
          onClick={() => onChange({ focus: state.focus === node.id ? undefined : node.id })}
        >
          {state.focus === node.id ? 'Show all' : 'Focus'}
        </Button>
        <TraceLinks state={state} search={tracesOfNode(node)} errors={node.errors} />
        {node.kind === 'service' && (
          <Button
            variant="default"
            size="compact-sm"
            renderRoot={(props) => (
              <Link {...props} to="/logs" search={{ service: node.name, ...timesOf(state) }} />
            )}
          >
            Logs
          </Button>
        )}
      </div>
      <SumFigures of={node} />
      {node.kind === 'service' && node.calls > 0 && <RedCharts service={node.name} period={period} />}
      <Neighbours title="Called by" map={map} edges={of(map, 'to', at)} end="from" onChange={onChange} />
      <Neighbours title="Calls" map={map} edges={of(map, 'from', at)} end="to" onChange={onChange} />
    </SidePanel>
  );
}

/** All about the selected edge. */
export function EdgePanel({
  map,
  state,
  onChange,
  at,
}: Omit<PanelProps, 'period'> & { readonly at: number }) {
  const { edge, from, to } = map.mapEdges[at]!;
  const ends = [map.mapNodes[from]!, map.mapNodes[to]!] as const;
  return (
    <SidePanel
      label="Edge details"
      title={
        <>
          {ends[0].name} <IconArrowRight size={14} aria-label="to" /> {ends[1].name}
        </>
      }
      note={edgeNames[edge.kind]}
      color={map.nodes[to]!.color}
      onClose={() => onChange({ node: undefined, to: undefined })}
    >
      <div className={classes.actions}>
        <TraceLinks state={state} search={tracesOfEdge(edge, ...ends)} errors={edge.errors} />
      </div>
      <SumFigures of={edge} />
      <Section title="Between">
        <NodeRows>
          {[from, to].map((place) => (
            <NodeRow
              key={place}
              color={map.nodes[place]!.color}
              name={map.mapNodes[place]!.name}
              onSelect={() => onChange({ node: map.mapNodes[place]!.id, to: undefined })}
            >
              <Note>{whatItIs(map.mapNodes[place]!)}</Note>
            </NodeRow>
          ))}
        </NodeRows>
      </Section>
    </SidePanel>
  );
}

const edgeNames: Record<MapEdge['kind'], string> = {
  call: 'Calls',
  publish: 'Messages published',
  consume: 'Messages consumed',
  route: 'Messages routed',
};

function of(map: DrawnMap, end: 'from' | 'to', node: number): PlacedEdge[] {
  return map.mapEdges
    .filter((placed) => placed[end] === node)
    .toSorted((a, b) => b.edge.calls - a.edge.calls);
}

/** To the traces of the same time: all, those that failed, the longest. */
function TraceLinks({
  state,
  search,
  errors,
}: {
  state: MapState;
  search: SearchState | undefined;
  errors: number;
}) {
  if (!search) return null;
  const to = (label: string, more: SearchState) => (
    <Button
      variant="default"
      size="compact-sm"
      renderRoot={(props) => (
        <Link {...props} to="/search" search={{ ...search, ...more, ...timesOf(state) }} />
      )}
    >
      {label}
    </Button>
  );
  return (
    <>
      {to('Traces', {})}
      {errors > 0 && to('Errors', { status: 'error' })}
      {to('Longest', { sort: 'longest' })}
    </>
  );
}

function SumFigures({ of: sums }: { of: MapNode | MapEdge }) {
  const waits = 'lag_p50' in sums && sums.lag_p50 !== undefined && sums.lag_p95 !== undefined;
  return (
    <Figures>
      <Figure name="Rate">
        {formatRate(sums.rate)} <i>{formatCount(sums.calls)} in all</i>
      </Figure>
      <Figure name="Errors">
        <span data-errors={sums.errors > 0 || undefined}>
          {sums.errors === 0 ? '0' : `${formatShare(sums.error_rate)}`}
        </span>
        {sums.errors > 0 && <i> {formatCount(sums.errors)} failed</i>}
      </Figure>
      {sums.calls > 0 && (
        <Figure name="p50 · p95">
          {formatDuration(sums.p50)} · {formatDuration(sums.p95)}
        </Figure>
      )}
      {waits && (
        <Figure name="In the queue">
          {formatDuration(sums.lag_p50!)} · {formatDuration(sums.lag_p95!)} <i>p50 · p95</i>
        </Figure>
      )}
    </Figures>
  );
}

function Neighbours({
  title,
  map,
  edges,
  end,
  onChange,
}: {
  title: string;
  map: DrawnMap;
  edges: readonly PlacedEdge[];
  end: 'from' | 'to';
  onChange: (change: Partial<MapState>) => void;
}) {
  const { part, more } = usePart(edges);
  if (edges.length === 0) return null;
  return (
    <Section title={title} count={edges.length}>
      <NodeRows>
        {part.map((placed) => (
          <NodeRow
            key={placed[end]}
            color={map.nodes[placed[end]]!.color}
            name={map.mapNodes[placed[end]]!.name}
            onSelect={() => onChange({ node: placed.edge.from, to: placed.edge.to })}
          >
            {placed.edge.errors > 0 && <span data-errors>{formatShare(placed.edge.error_rate)}</span>}
            <Note>{formatRate(placed.edge.rate)}</Note>
          </NodeRow>
        ))}
        {more}
      </NodeRows>
    </Section>
  );
}
