import { Text } from '@mantine/core';
import classes from './details.module.css';
import { Section } from '../../design/section.tsx';
import { SpanList } from './span-list.tsx';
import type { TraceState } from '../use-trace-state.ts';

/** What is known of a selected span that is not stored. */
export function MissingSpan({ state }: { state: TraceState }) {
  const { model, selected } = state;
  const { tree } = model;
  const children = [...tree.order.subarray(tree.position[selected]! + 1, tree.end[selected])].filter(
    (node) => tree.parent[node] === selected,
  );
  return (
    <div className={classes.body}>
      <div className={classes.parts}>
        <Text>
          No span with the id <code>{model.columns.ids[selected]}</code> is stored, but spans name it as their
          parent.
        </Text>
        <Text c="dimmed">
          It may still be running (spans are sent when they end), it may not have been sampled, its service
          may send elsewhere, or it was lost on the way. The dashed bar covers the time of its children.
        </Text>
        <Section title="Children" count={children.length}>
          <SpanList state={state} nodes={children.slice(0, 100)} count={children.length} />
        </Section>
      </div>
    </div>
  );
}
