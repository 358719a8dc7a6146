import { Tooltip } from '@mantine/core';
import type { TraceSummary } from '@throughline/query/api';
import { Link } from '@tanstack/react-router';
import { useEffect, useRef } from 'react';
import { countOf, formatCount } from '../design/format-count.ts';
import { formatDuration } from '../design/format-duration.ts';
import { formatClock, formatDate, formatTime, formatUtc, millisOfNanos } from '../design/format-time.ts';
import { ServiceDot } from '../design/service-dot.tsx';
import { useServiceColor } from '../design/use-service-color.tsx';
import { ServiceBreakdown } from './service-breakdown.tsx';
import classes from './trace-list.module.css';
import { TraceTooltip } from './trace-tooltip.tsx';

/** What all rows of a list share. */
export interface ListFrame {
  /** Shortest and longest duration in the list, in nanoseconds. */
  readonly durations: readonly [number, number];
  /** The local date of today. */
  readonly today: string;
  readonly showMatched: boolean;
}

interface Props {
  readonly trace: TraceSummary;
  readonly frame: ListFrame;
  readonly current: boolean;
  readonly takeFocus: boolean;
  readonly onOpen: (trace: TraceSummary) => void;
}

export function TraceRow({ trace, frame, current, takeFocus, onOpen }: Props) {
  const link = useRef<HTMLAnchorElement>(null);
  const colorOf = useServiceColor();
  useEffect(() => {
    if (takeFocus) link.current?.focus({ preventScroll: true });
  }, [takeFocus]);
  const millis = millisOfNanos(trace.start);
  return (
    <Link
      ref={link}
      to="/trace/$traceId"
      params={{ traceId: trace.trace_id }}
      search={{}}
      className={classes.row}
      aria-label={labelOf(trace)}
      data-current={current || undefined}
      data-matched={frame.showMatched || undefined}
      onClick={(event) => {
        if (!event.metaKey && !event.ctrlKey && !event.shiftKey) onOpen(trace);
      }}
    >
      <span className={classes.time} title={`${formatTime(millis)}\n${formatUtc(trace.start)}`}>
        {shortTime(millis, frame.today)}
      </span>
      <span className={classes.root} title={`${trace.root_service}: ${trace.root_operation}`}>
        <ServiceDot color={colorOf(trace.root_service)} />
        <b>{trace.root_service}</b>
        <span className={classes.operation}>{trace.root_operation}</span>
        {!trace.has_root && (
          <span className={classes.rootless} title="The first span of this trace has not arrived">
            no root
          </span>
        )}
      </span>
      <span className={classes.duration}>
        <span className={classes.bar}>
          <span
            style={{ width: `${barLength(trace.duration, frame.durations) * 100}%` }}
            data-failed={trace.errors > 0 || undefined}
          />
        </span>
        <span>{formatDuration(trace.duration)}</span>
      </span>
      <Tooltip
        label={<TraceTooltip trace={trace} />}
        classNames={{ tooltip: classes.card ?? '' }}
        position="left"
        multiline
      >
        <span className={classes.services}>
          <ServiceBreakdown services={trace.services} />
        </span>
      </Tooltip>
      {frame.showMatched && <span className={classes.number}>{formatCount(trace.matched)}</span>}
      <span className={classes.number}>{formatCount(trace.spans)}</span>
      <span className={classes.number} data-failed={trace.errors > 0 || undefined}>
        {trace.errors > 0 ? formatCount(trace.errors) : '–'}
      </span>
    </Link>
  );
}

/** What of a time tells it apart from now: the clock, the day with it, or a day of another year. */
function shortTime(millis: number, today: string): string {
  const date = formatDate(millis);
  if (date === today) return formatClock(millis);
  if (date.slice(0, 4) !== today.slice(0, 4)) return date;
  return `${date.slice(5)} ${formatClock(millis).slice(0, 8)}`;
}

function labelOf({ root_service, root_operation, duration, spans, errors, start }: TraceSummary): string {
  const failed = errors > 0 ? `, ${countOf(errors, 'error')}` : '';
  const at = formatClock(millisOfNanos(start));
  return `${root_service} ${root_operation}, ${formatDuration(duration)}, ${countOf(spans, 'span')}${failed}, ${at}`;
}

/** How much of the bar a duration fills, 0 to 1: logarithmic as in the plot, because traces differ by powers of ten. */
function barLength(duration: number, [shortest, longest]: readonly [number, number]): number {
  if (longest <= shortest) return longest > 0 ? 1 : 0;
  const floor = Math.max(shortest, 1) / 2;
  return Math.max(0, Math.log(Math.max(duration, floor) / floor) / Math.log(longest / floor));
}
