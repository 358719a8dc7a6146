import { Badge, Group } from '@mantine/core';
import type { SpanDetails } from '@throughline/query/api';
import { CopyButton } from '../../design/copy-button.tsx';
import { formatDuration } from '../../design/format-duration.ts';
import { formatTime, formatUtc, millisOfNanos } from '../../design/format-time.ts';
import classes from './details.module.css';
import { mark } from '../marks.ts';
import { SpanList } from './span-list.tsx';
import type { TraceState } from '../use-trace-state.ts';

/** Kind, status, ids and the relation to the parent. */
export function Overview({ span, state }: { span: SpanDetails; state: TraceState }) {
  const { model, selected } = state;
  const parent = model.tree.parent[selected]!;
  return (
    <>
      <Group gap={6}>
        <Badge variant="default" radius="sm" tt="none" fw={500}>
          {span.kind}
        </Badge>
        <Badge
          variant={span.status === 'unset' ? 'default' : 'light'}
          color={span.status === 'error' ? 'red' : 'teal'}
          c={span.status === 'error' ? 'var(--mantine-color-error)' : 'var(--mantine-color-text)'}
          radius="sm"
          tt="none"
          fw={500}
        >
          status {span.status}
        </Badge>
      </Group>
      {span.status_message !== '' && (
        <div className={classes.message} data-error={span.status === 'error' || undefined}>
          {span.status_message}
        </div>
      )}
      <Relation state={state} />
      <dl className={classes.ids}>
        <dt>Start</dt>
        <dd title={formatUtc(span.start)}>{formatTime(millisOfNanos(span.start))}</dd>
        <dt>Span id</dt>
        <dd>
          <code>{span.span_id}</code>
          <CopyButton text={span.span_id} label="Copy span id" />
        </dd>
        <dt>Parent</dt>
        <dd>
          {span.parent_span_id === undefined ? (
            'none: it is a root'
          ) : (
            <>
              <code>{span.parent_span_id}</code>
              {parent >= 0 && <SpanList state={state} nodes={[parent]} count={1} />}
            </>
          )}
        </dd>
        {span.trace_state !== '' && (
          <>
            <dt>Trace state</dt>
            <dd>
              <code>{span.trace_state}</code>
            </dd>
          </>
        )}
        <dt>Flags</dt>
        <dd>
          <code>0x{span.flags.toString(16).padStart(2, '0')}</code> {span.flags & 1 ? 'sampled' : ''}
        </dd>
      </dl>
    </>
  );
}

/** How the span lies to its parent where that is not the usual way. */
function Relation({ state }: { state: TraceState }) {
  const { model, selected } = state;
  const { columns, tree, marks } = model;
  const flags = marks.flags[selected]!;
  const above = tree.parent[selected]!;
  if (flags & mark.orphan) {
    return (
      <div className={classes.notice}>Its parent is not stored; it stands below a “missing span” row.</div>
    );
  }
  if (above < 0) return null;
  const ahead = columns.start[above]! - columns.start[selected]!;
  if (flags & mark.early) {
    return (
      <div className={classes.notice}>
        Starts {formatDuration(ahead)} before its parent: the clocks differ. It is drawn as it was reported.
      </div>
    );
  }
  if (!(flags & mark.late)) return null;
  return (
    <div className={classes.remark}>
      Starts {formatDuration(-ahead - columns.duration[above]!)} after its parent has ended.
    </div>
  );
}
