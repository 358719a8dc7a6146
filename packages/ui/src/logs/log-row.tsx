import type { LogLine } from '@throughline/query/api';
import { Link } from '@tanstack/react-router';
import { useEffect, useRef } from 'react';
import { formatClock, formatDate, formatTime, formatUtc, millisOfNanos } from '../design/format-time.ts';
import { ServiceDot } from '../design/service-dot.tsx';
import { useServiceColor } from '../design/use-service-color.tsx';
import { logText, severityOf } from '../trace/logs/logs.ts';
import classes from './log-lines.module.css';
import { traceLink } from './trace-link.ts';

interface Props {
  readonly record: LogLine;
  /** Whether the list needs dates beside its times. */
  readonly dated: boolean;
  readonly open: boolean;
  readonly current: boolean;
  readonly takeFocus: boolean;
  readonly onToggle: () => void;
  readonly onLeave: () => void;
}

export function LogRow({ record, dated, open, current, takeFocus, onToggle, onLeave }: Props) {
  const line = useRef<HTMLButtonElement>(null);
  const colorOf = useServiceColor();
  useEffect(() => {
    if (takeFocus) line.current?.focus({ preventScroll: true });
  }, [takeFocus]);
  const millis = millisOfNanos(record.time);
  const severity = severityOf(record);
  const link = traceLink(record);
  return (
    <div className={classes.row} data-current={current || undefined} data-severity={severity}>
      <button ref={line} type="button" className={classes.line} aria-expanded={open} onClick={onToggle}>
        <span className={classes.time} title={`${formatTime(millis)}\n${formatUtc(record.time)}`}>
          {dated && <span className={classes.date}>{formatDate(millis)} </span>}
          {formatClock(millis)}
        </span>
        <span className={classes.severity} title={record.severity_text}>
          {severity === 'unspecified' ? record.severity_text || '–' : severity}
        </span>
        <span className={classes.service} title={record.service}>
          <ServiceDot color={colorOf(record.service)} />
          <span>{record.service}</span>
        </span>
        <span className={classes.text}>{logText(record)}</span>
      </button>
      {link && (
        <Link
          {...link}
          className={classes.trace}
          title={`Go to the trace ${record.trace_id}${record.span_id ? ', at its span' : ''}`}
          aria-label={`Go to the trace ${record.trace_id}`}
          onClick={onLeave}
        >
          {record.trace_id!.slice(0, 8)}
        </Link>
      )}
    </div>
  );
}
