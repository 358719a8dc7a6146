import { Text } from '@mantine/core';
import type { Event, SpanDetails } from '@throughline/query/api';
import { CopyButton } from '../../design/copy-button.tsx';
import { formatDuration } from '../../design/format-duration.ts';
import { formatUtc } from '../../design/format-time.ts';
import { AttributeTable } from './attribute-table.tsx';
import { valueText } from './attributes.ts';
import classes from './details-events.module.css';
import { Dropped } from './dropped.tsx';
import { Section } from '../../design/section.tsx';
import { usePart } from '../../hooks/use-part.tsx';
import type { TraceState } from '../use-trace-state.ts';

interface EventsProps {
  readonly span: SpanDetails;
  readonly state: TraceState;
  /** Exceptions, with their stack traces, or all other events. */
  readonly exceptions: boolean;
}

export function DetailsEvents({ span, state, exceptions }: EventsProps) {
  const events = span.events.filter((event) => (event.name === 'exception') === exceptions);
  const { part, more } = usePart(events);
  const dropped = exceptions ? 0 : span.dropped_events;
  if (events.length === 0 && dropped === 0) return null;
  return (
    <Section title={exceptions ? 'Exceptions' : 'Events'} count={events.length}>
      <ol className={classes.list}>
        {part.map((event, index) => (
          <li key={index} className={classes.event}>
            <EventTimes event={event} span={span} state={state} />
            {exceptions ? <Exception event={event} /> : <div className={classes.name}>{event.name}</div>}
            <AttributeTable
              attributes={event.attributes.filter(({ key }) => !exceptions || !shown.has(key))}
            />
            <Dropped count={event.dropped_attributes} what="attributes" />
          </li>
        ))}
      </ol>
      {more}
      <Dropped count={dropped} what="events" />
    </Section>
  );
}

function EventTimes({ event, span, state }: { event: Event; span: SpanDetails; state: TraceState }) {
  const { columns, whole } = state.model;
  const inTrace = Number(BigInt(event.time) - columns.origin) - whole.from;
  const inSpan = Number(BigInt(event.time) - BigInt(span.start));
  return (
    <Text size="xs" c="dimmed" title={formatUtc(event.time)}>
      {placed(inSpan, 'span')} · {placed(inTrace, 'trace')}
    </Text>
  );
}

function placed(nanos: number, where: string): string {
  return `${formatDuration(Math.abs(nanos))} ${nanos < 0 ? 'before' : 'into'} the ${where}`;
}

const shown = new Set(['exception.type', 'exception.message', 'exception.stacktrace']);

function Exception({ event }: { event: Event }) {
  const text = (key: string) => {
    const attribute = event.attributes.find((each) => each.key === key);
    return attribute ? valueText(attribute) : '';
  };
  const stack = text('exception.stacktrace');
  return (
    <>
      <div className={classes.exception}>
        <b>{text('exception.type') || 'Exception'}</b> {text('exception.message')}
      </div>
      {stack !== '' && (
        <div className={classes.stack}>
          {/* A scrollable area must be reachable by key. */}
          {/* oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex */}
          <pre tabIndex={0}>{stack}</pre>
          <div className={classes.copy}>
            <CopyButton text={stack} label="Copy stack trace" />
          </div>
        </div>
      )}
    </>
  );
}
