import { ActionIcon, Anchor, Text, TextInput, Tooltip } from '@mantine/core';
import type { TraceId } from '@throughline/model';
import type { Attribute, SpanDetails } from '@throughline/query/api';
import { IconFilter, IconLayoutBottombar, IconLayoutSidebarRight, IconX } from '@tabler/icons-react';
import { Link } from '@tanstack/react-router';
import { useState } from 'react';
import { CopyButton } from '../../design/copy-button.tsx';
import { ErrorNotice } from '../../design/error-notice.tsx';
import { formatDuration } from '../../design/format-duration.ts';
import { millisOfNanos } from '../../design/format-time.ts';
import { Pending } from '../../design/pending.tsx';
import { useServiceColor } from '../../design/use-service-color.tsx';
import { AttributeTable, type SearchScope } from './attribute-table.tsx';
import { attributesJson, filterAttributes } from './attributes.ts';
import { DetailsEvents } from './details-events.tsx';
import { DetailsLinks } from './details-links.tsx';
import { Overview } from './details-overview.tsx';
import classes from './details.module.css';
import { Dropped } from './dropped.tsx';
import { LogList } from '../logs/log-list.tsx';
import { logsOfTrace } from '../logs/logs-link.ts';
import { mark } from '../marks.ts';
import { MissingSpan } from './missing-span.tsx';
import { nameOf, serviceOf } from '../model.ts';
import { useSpanDetails } from '../questions.ts';
import { Section } from '../../design/section.tsx';
import type { TraceState } from '../use-trace-state.ts';

/** Everything about the selected span. */
export function Details({ traceId, state }: { traceId: TraceId; state: TraceState }) {
  const { model, selected } = state;
  const missing = selected >= model.columns.spans;
  const key = model.keyOf(selected);
  const { data, error, refetch } = useSpanDetails(traceId, missing ? undefined : key);
  return (
    <section className={classes.details} aria-label="Span details">
      <DetailsHead state={state} />
      {missing ? (
        <MissingSpan state={state} />
      ) : error ? (
        <ErrorNotice error={error} onRetry={() => void refetch()} />
      ) : !data ? (
        <Pending label="Loading the span…" />
      ) : (
        <div className={classes.body} data-stale={data.key !== key || undefined}>
          <div className={classes.parts} data-wide={state.url.panel === 'bottom' || undefined}>
            <SpanBody span={data.span} state={state} />
          </div>
        </div>
      )}
    </section>
  );
}

function DetailsHead({ state }: { state: TraceState }) {
  const { model, selected, url, actions } = state;
  const { columns, marks } = model;
  const colorOf = useServiceColor();
  const flags = marks.flags[selected]!;
  const bottom = url.panel === 'bottom';
  return (
    <div className={classes.head}>
      <div className={classes.title}>
        {!(flags & mark.missing) && (
          <span className={classes.pill} style={{ background: colorOf(serviceOf(model, selected)) }} />
        )}
        <h2 className={classes.name}>
          <span className={classes.service}>{serviceOf(model, selected)}</span> {nameOf(model, selected)}
        </h2>
        <Tooltip label={bottom ? 'Show beside the trace' : 'Show below the trace'}>
          <ActionIcon
            size={24}
            aria-label={bottom ? 'Show beside the trace' : 'Show below the trace'}
            onClick={() => actions.change({ panel: bottom ? 'side' : 'bottom' })}
          >
            {bottom ? <IconLayoutSidebarRight size={15} /> : <IconLayoutBottombar size={15} />}
          </ActionIcon>
        </Tooltip>
        <Tooltip label="Close (Esc)">
          <ActionIcon
            size={24}
            aria-label="Close details"
            onClick={() => actions.change({ panel: undefined })}
          >
            <IconX size={15} />
          </ActionIcon>
        </Tooltip>
      </div>
      {flags & mark.missing ? null : (
        <div className={classes.facts}>
          <span>
            <i>Duration</i> {formatDuration(columns.duration[selected]!)}
          </span>
          <span title="After the start of the trace">
            <i>Starts at</i> +{formatDuration(columns.start[selected]! - model.whole.from)}
          </span>
        </div>
      )}
    </div>
  );
}

function SpanBody({ span, state }: { span: SpanDetails; state: TraceState }) {
  const [filter, setFilter] = useState('');
  const { model, selected } = state;
  const period = periodAround(model.summary.start);
  const attributes = filterAttributes(span.attributes, filter);
  const resource = filterAttributes(span.resource.attributes, filter);
  const { at, of } = model.logs;
  const logs = [...of.subarray(at[selected], at[selected + 1])];
  return (
    <>
      <Overview span={span} state={state} />
      <DetailsEvents span={span} state={state} exceptions />
      <TextInput
        aria-label="Filter attributes"
        placeholder="Filter attributes"
        leftSection={<IconFilter size={13} />}
        value={filter}
        onChange={(event) => setFilter(event.currentTarget.value)}
        onKeyDown={(event) => event.key === 'Escape' && setFilter('')}
      />
      <AttributeSection
        title="Attributes"
        attributes={attributes}
        total={span.attributes.length}
        dropped={span.dropped_attributes}
        search={{ scope: 'span', period }}
      />
      <DetailsEvents span={span} state={state} exceptions={false} />
      <DetailsLinks span={span} state={state} />
      {logs.length > 0 && (
        <Section
          title="Log records"
          count={logs.length}
          action={
            <Anchor
              size="xs"
              renderRoot={(props) => <Link {...props} to="/logs" search={logsOfTrace(model, span.span_id)} />}
            >
              Open in Logs
            </Anchor>
          }
        >
          <LogList model={model} logs={logs} short />
        </Section>
      )}
      <AttributeSection
        title="Resource"
        attributes={resource}
        total={span.resource.attributes.length}
        dropped={span.resource.dropped_attributes}
        search={{ scope: 'resource', period }}
      />
      <Scope span={span} />
    </>
  );
}

function AttributeSection({
  title,
  attributes,
  total,
  dropped,
  search,
}: {
  title: string;
  attributes: readonly Attribute[];
  total: number;
  dropped: number;
  search: SearchScope;
}) {
  return (
    <Section
      title={title}
      count={total}
      action={<CopyButton text={attributesJson(attributes)} label={`Copy ${title.toLowerCase()} as JSON`} />}
    >
      {total === 0 && <Text c="dimmed">None</Text>}
      {total > 0 && attributes.length === 0 && <Text c="dimmed">None of {total} matches the filter</Text>}
      <AttributeTable attributes={attributes} search={search} />
      <Dropped count={dropped} what="attributes" />
    </Section>
  );
}

function Scope({ span: { scope } }: { span: SpanDetails }) {
  return (
    <Section title="Scope">
      <Text className={classes.scope}>
        {scope.name || <span className={classes.none}>no name</span>} {scope.version}
      </Text>
      <AttributeTable attributes={scope.attributes} />
      <Dropped count={scope.dropped_attributes} what="attributes" />
    </Section>
  );
}

/** Half an hour around the trace, unless a search of the last hour finds it anyway. */
function periodAround(start: string): SearchScope['period'] {
  const millis = millisOfNanos(start);
  const half = 30 * 60_000;
  if (Date.now() - millis < 50 * 60_000) return undefined;
  return { start: new Date(millis - half).toISOString(), end: new Date(millis + half).toISOString() };
}
