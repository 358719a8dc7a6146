import { Anchor, Text } from '@mantine/core';
import { useVirtualizer } from '@tanstack/react-virtual';
import { useRef, useState } from 'react';
import { formatDuration } from '../../design/format-duration.ts';
import { formatClock, formatUtc, millisOfNanos } from '../../design/format-time.ts';
import { useServiceColor } from '../../design/use-service-color.tsx';
import { AttributeTable } from '../details/attribute-table.tsx';
import classes from './log-list.module.css';
import { logText, severityOf } from './logs.ts';
import { nameOf, type TraceModel } from '../model.ts';

/**
 * Log records in order of time; a click opens one. `logs` are indexes of the model's records. `short` leaves out what
 * the records of one span have in common and grows with its content.
 */
export function LogList({
  model,
  logs,
  short = false,
  onSpan,
}: {
  model: TraceModel;
  logs: readonly number[];
  short?: boolean;
  onSpan?: (node: number) => void;
}) {
  const scroller = useRef<HTMLDivElement>(null);
  const [opened, setOpened] = useState<ReadonlySet<number>>(new Set());
  // oxlint-disable-next-line react/incompatible-library
  const virtual = useVirtualizer({
    count: logs.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => 27,
    overscan: 12,
    getItemKey: (index) => logs[index] ?? index,
  });
  const toggle = (log: number) => {
    const next = new Set(opened);
    if (!next.delete(log)) next.add(log);
    setOpened(next);
  };
  return (
    <div ref={scroller} className={classes.scroller} data-short={short || undefined}>
      <ol className={classes.list} style={{ height: virtual.getTotalSize() }}>
        {virtual.getVirtualItems().map((item) => {
          const log = logs[item.index]!;
          return (
            <li
              key={item.key}
              ref={virtual.measureElement}
              data-index={item.index}
              className={classes.item}
              style={{ transform: `translateY(${item.start}px)` }}
            >
              <LogLine
                model={model}
                log={log}
                short={short}
                open={opened.has(log)}
                onToggle={() => toggle(log)}
              />
              {opened.has(log) && <LogDetails model={model} log={log} onSpan={onSpan} />}
            </li>
          );
        })}
      </ol>
    </div>
  );
}

interface LineProps {
  readonly model: TraceModel;
  readonly log: number;
  readonly short: boolean;
  readonly open: boolean;
  readonly onToggle: () => void;
}

function LogLine({ model, log, short, open, onToggle }: LineProps) {
  const colorOf = useServiceColor();
  const record = model.logs.records[log]!;
  const severity = severityOf(record);
  const into = model.logs.time[log]! - model.whole.from;
  return (
    <button type="button" className={classes.line} aria-expanded={open} onClick={onToggle}>
      <span className={classes.into} title={`${formatUtc(record.time)}, after the start of the trace`}>
        {into < 0 ? '' : '+'}
        {formatDuration(into)}
      </span>
      {!short && <span className={classes.clock}>{formatClock(millisOfNanos(record.time))}</span>}
      <span className={classes.severity} data-severity={severity} title={record.severity_text}>
        {severity === 'unspecified' ? record.severity_text || '–' : severity}
      </span>
      {!short && (
        <span className={classes.service}>
          <span className={classes.pill} style={{ background: colorOf(record.service) }} />
          {record.service}
        </span>
      )}
      <span className={classes.text}>{logText(record)}</span>
    </button>
  );
}

function LogDetails({
  model,
  log,
  onSpan,
}: {
  model: TraceModel;
  log: number;
  onSpan: ((node: number) => void) | undefined;
}) {
  const record = model.logs.records[log]!;
  const node = model.logs.node[log]!;
  return (
    <div className={classes.details}>
      <pre>{typeof record.body === 'object' ? JSON.stringify(record.body, null, 2) : logText(record)}</pre>
      {onSpan && node >= 0 && (
        <Anchor component="button" size="sm" onClick={() => onSpan(node)}>
          Go to its span, {nameOf(model, node)}
        </Anchor>
      )}
      {node < 0 && (
        <Text size="xs" c="dimmed">
          {record.span_id === undefined ? 'It names no span.' : `Its span ${record.span_id} is not stored.`}
        </Text>
      )}
      {record.event_name !== '' && <Text size="sm">Event {record.event_name}</Text>}
      <AttributeTable attributes={record.attributes} />
      {record.scope.name !== '' && (
        <Text size="xs" c="dimmed">
          Scope {record.scope.name} {record.scope.version}
        </Text>
      )}
    </div>
  );
}
