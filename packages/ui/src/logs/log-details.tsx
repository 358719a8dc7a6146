import { Button, Text } from '@mantine/core';
import type { LogLine } from '@throughline/query/api';
import { IconFilter, IconTimeline } from '@tabler/icons-react';
import { Link } from '@tanstack/react-router';
import { CopyButton } from '../design/copy-button.tsx';
import { formatTime, formatUtc, millisOfNanos } from '../design/format-time.ts';
import { AttributeTable } from '../trace/details/attribute-table.tsx';
import { logText } from '../trace/logs/logs.ts';
import classes from './log-details.module.css';
import { around, type LogsState } from './logs-state.ts';
import { traceLink } from './trace-link.ts';

interface Props {
  readonly record: LogLine;
  readonly onLeave: () => void;
  readonly onChange: (change: Partial<LogsState>) => void;
  /** Narrows the list by a condition. */
  readonly onFilter: (condition: string) => void;
}

const hourMs = 3_600_000;

/** Everything that a record says. */
export function LogDetails({ record, onLeave, onChange, onFilter }: Props) {
  const link = traceLink(record);
  const millis = millisOfNanos(record.time);
  const narrow = (part: Partial<LogsState>) =>
    onChange({
      ...part,
      ...around(millis, millis, hourMs),
      last: undefined,
      live: undefined,
      order: 'oldest',
    });
  return (
    <div className={classes.details}>
      <pre className={classes.body}>
        {typeof record.body === 'object' && record.body !== null
          ? JSON.stringify(record.body, null, 2)
          : logText(record)}
      </pre>
      {link && (
        <div className={classes.actions}>
          <Button
            size="compact-xs"
            variant="default"
            leftSection={<IconTimeline size={13} />}
            renderRoot={(props) => <Link {...props} {...link} onClick={onLeave} />}
          >
            {record.span_id ? 'Go to its span in the trace' : 'Go to its trace'}
          </Button>
          <Button
            size="compact-xs"
            variant="subtle"
            leftSection={<IconFilter size={13} />}
            onClick={() => narrow({ trace: record.trace_id, span: undefined })}
          >
            Only records of this trace
          </Button>
          {record.span_id && (
            <Button
              size="compact-xs"
              variant="subtle"
              leftSection={<IconFilter size={13} />}
              onClick={() => narrow({ trace: record.trace_id, span: record.span_id })}
            >
              Only of this span
            </Button>
          )}
        </div>
      )}
      <div className={classes.columns}>
        <section>
          <h3 className={classes.title}>Attributes</h3>
          {record.attributes.length === 0 ? (
            <Text c="dimmed">None</Text>
          ) : (
            <AttributeTable attributes={record.attributes} onFilter={onFilter} />
          )}
        </section>
        <section>
          <h3 className={classes.title}>Resource</h3>
          <AttributeTable attributes={record.resource.attributes} onFilter={onFilter} />
        </section>
        <section>
          <h3 className={classes.title}>Record</h3>
          <Facts record={record} />
        </section>
      </div>
    </div>
  );
}

function Facts({ record }: { record: LogLine }) {
  const { time, observed_time, severity, severity_text, event_name, scope, trace_id, span_id } = record;
  const facts: [string, string, string?][] = [
    ['Time', formatTime(millisOfNanos(time)), formatUtc(time)],
    ...(observed_time !== '0' && observed_time !== time
      ? [
          ['Observed', formatTime(millisOfNanos(observed_time)), formatUtc(observed_time)] as [
            string,
            string,
            string,
          ],
        ]
      : []),
    ['Severity', [severity_text, severity > 0 ? `(${severity})` : ''].join(' ').trim() || 'none given'],
    ...(event_name ? [['Event', event_name] as [string, string]] : []),
    ...(scope.name ? [['Scope', `${scope.name} ${scope.version}`.trim()] as [string, string]] : []),
  ];
  const ids: [string, string | undefined][] = [
    ['Trace id', trace_id],
    ['Span id', span_id],
  ];
  return (
    <dl className={classes.facts}>
      {facts.map(([name, value, title]) => (
        <div key={name}>
          <dt>{name}</dt>
          <dd title={title}>{value}</dd>
        </div>
      ))}
      {ids.map(
        ([name, id]) =>
          id !== undefined && (
            <div key={name}>
              <dt>{name}</dt>
              <dd>
                <code>{id}</code> <CopyButton text={id} label={`Copy ${name.toLowerCase()}`} />
              </dd>
            </div>
          ),
      )}
      {trace_id === undefined && (
        <div>
          <dt>Trace</dt>
          <dd>none: written outside of any span</dd>
        </div>
      )}
    </dl>
  );
}
