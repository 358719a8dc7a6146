import { SegmentedControl, Select, Text } from '@mantine/core';
import { useRef } from 'react';
import { countOf, formatCount } from '../design/format-count.ts';
import { useShortcuts } from '../shell/shortcuts.tsx';
import { FindField } from '../design/find-field.tsx';
import type { TraceState } from '../trace/use-trace-state.ts';
import type { Coloring } from './drawn-graph.ts';
import classes from './graph-tab.module.css';
import { groupings, type Grouping } from './trace-graph.ts';
import type { GraphState } from './use-trace-graph.ts';

const groupingLabels: Record<Grouping, string> = {
  path: 'Call paths',
  operation: 'Operations',
  service: 'Services',
};
const coloringLabels: Record<Coloring, string> = {
  service: 'Colour: service',
  self: 'Colour: self time',
  errors: 'Colour: errors',
};

/** What the nodes are, what their colours say, and a field to find some. */
export function GraphOptions({
  state,
  graph,
  searching,
}: {
  state: TraceState;
  graph: GraphState;
  searching: boolean;
}) {
  const { url, actions } = state;
  const { grouping, selected, found } = graph;
  const { nodes, edges, hidden } = graph.graph;
  const drawn = graph.drawn.edges.length;
  const input = useRef<HTMLInputElement>(null);
  const go = (step: 1 | -1) => {
    const node = nextOf(found ?? [], selected, step);
    if (node !== undefined) actions.select(nodes[node]!.longest);
  };
  const cycle = (step: number) =>
    actions.change({ nodes: groupings.at((groupings.indexOf(grouping) + step) % groupings.length) });
  useShortcuts('Graph', [
    { keys: ['f'], help: 'Find in the trace', run: () => input.current?.select() },
    { keys: ['n'], help: 'Next match', run: () => go(1) },
    { keys: ['N'], help: 'Previous match', run: () => go(-1) },
    { keys: ['g'], help: 'Call paths, operations, services', run: () => cycle(1) },
    {
      keys: ['Escape'],
      help: 'Close selection, find',
      run: () => (selected >= 0 ? actions.select(-1) : actions.change({ find: undefined })),
    },
  ]);
  return (
    <div className={classes.options}>
      <SegmentedControl
        aria-label="Nodes"
        data={groupings.map((value) => ({ value, label: groupingLabels[value] }))}
        value={grouping}
        onChange={(value) => actions.change({ nodes: value as Grouping })}
      />
      <Select
        w={150}
        aria-label="What colours say"
        allowDeselect={false}
        data={Object.entries(coloringLabels).map(([value, label]) => ({ value, label }))}
        value={url.colors}
        onChange={(value) => actions.change({ colors: (value ?? 'service') as Coloring })}
      />
      <Text component="output" size="xs" c="dimmed" className={classes.count}>
        {hidden.nodes === 0
          ? countOf(nodes.length, 'node')
          : `The ${formatCount(nodes.length)} of ${formatCount(nodes.length + hidden.nodes)} nodes with most self time`}
        {hidden.errors > 0 && ` (${countOf(hidden.errors, 'error')} in the others)`}
        {drawn < edges.length &&
          `, the ${formatCount(drawn)} of ${formatCount(edges.length)} edges with most calls`}
      </Text>
      <FindField
        inputRef={input}
        finding={{
          text: url.find,
          searching,
          found: found && { count: found.length, place: found.indexOf(selected) + 1 },
          onText: (find) => actions.change({ find }),
          onGo: go,
        }}
      />
    </div>
  );
}

/** The next of the ascending numbers after `from` or the one before it, going round at the end. */
function nextOf(nodes: readonly number[], from: number, step: 1 | -1): number | undefined {
  if (step > 0) return nodes.find((node) => node > from) ?? nodes[0];
  return nodes.findLast((node) => node < from) ?? nodes.at(-1);
}
