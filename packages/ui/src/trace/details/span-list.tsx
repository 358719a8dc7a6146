import { Text, UnstyledButton } from '@mantine/core';
import { formatDuration } from '../../design/format-duration.ts';
import { nameOf, serviceOf } from '../model.ts';
import classes from './span-list.module.css';
import type { TraceState } from '../use-trace-state.ts';

/** Spans to jump to; `count` is how many there are beyond those listed. */
export function SpanList({
  state,
  nodes,
  count,
}: {
  state: TraceState;
  nodes: readonly number[];
  count: number;
}) {
  const { model, actions } = state;
  const { start, duration } = model.columns;
  return (
    <div className={classes.list}>
      {nodes.map((node) => (
        <UnstyledButton
          key={node}
          className={classes.span}
          onClick={() => {
            actions.change({ tab: 'waterfall' });
            actions.select(node, 'center');
          }}
        >
          <span className={classes.service}>{serviceOf(model, node)}</span>
          <span className={classes.name}>{nameOf(model, node)}</span>
          <span className={classes.time} title="After the start of the trace">
            +{formatDuration(start[node]! - model.whole.from)}
          </span>
          <span className={classes.time}>{formatDuration(duration[node]!)}</span>
        </UnstyledButton>
      ))}
      {count > nodes.length && nodes.length > 0 && (
        <Text size="xs" c="dimmed" px={6}>
          and {(count - nodes.length).toLocaleString('en')} more
        </Text>
      )}
    </div>
  );
}
