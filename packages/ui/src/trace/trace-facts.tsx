import { Anchor, Group, Popover, Text, Tooltip, UnstyledButton } from '@mantine/core';
import { IconAlertTriangle } from '@tabler/icons-react';
import type { ReactNode } from 'react';
import { formatDuration } from '../design/format-duration.ts';
import { formatTime, formatUtc, millisOfNanos } from '../design/format-time.ts';
import { useServiceColor } from '../design/use-service-color.tsx';
import { SpanList } from './details/span-list.tsx';
import classes from './trace-header.module.css';
import type { TraceState } from './use-trace-state.ts';
import { warningTexts } from './warning-texts.ts';

/** The trace in figures; those that stand for a list open it. */
export function Facts({ state }: { state: TraceState }) {
  const { model } = state;
  const { summary, tree, marks, columns } = model;
  const warnings = model.warnings.filter(({ kind }) => kind !== 'still_arriving');
  return (
    <div className={classes.facts}>
      <Fact label="Start">
        <span title={formatUtc(summary.start)}>{formatTime(millisOfNanos(summary.start))}</span>
      </Fact>
      <Fact label="Duration">{formatDuration(summary.duration)}</Fact>
      <FactPopover label="Services" value={summary.services.length} width={340}>
        <ServiceList state={state} />
      </FactPopover>
      <Fact label="Spans">{columns.spans.toLocaleString('en')}</Fact>
      <Fact label="Depth">{(tree.maxDepth + 1).toLocaleString('en')}</Fact>
      {marks.errors.length > 0 ? (
        <FactPopover label="Errors" value={marks.errors.length} tone="error">
          <Text size="xs" c="dimmed">
            Spans whose status is error. Press <b>e</b> to go from one to the next.
          </Text>
          <SpanList state={state} nodes={[...marks.errors.subarray(0, 50)]} count={marks.errors.length} />
        </FactPopover>
      ) : (
        <Fact label="Errors">0</Fact>
      )}
      {warnings.length > 0 ? (
        <FactPopover label="Warnings" value={warnings.length} tone="warn">
          <Warnings state={state} />
        </FactPopover>
      ) : (
        <Fact label="Warnings">0</Fact>
      )}
      {warnings.length < model.warnings.length && (
        <Tooltip label={warningTexts.still_arriving.help} multiline w={280}>
          <output className={classes.arriving}>Still arriving</output>
        </Tooltip>
      )}
    </div>
  );
}

function Fact({ label, children }: { label: string; children: ReactNode }) {
  return (
    <span className={classes.fact}>
      <span className={classes.label}>{label}</span> {children}
    </span>
  );
}

function FactPopover({
  label,
  value,
  tone,
  width = 420,
  children,
}: {
  label: string;
  value: number;
  tone?: 'error' | 'warn';
  width?: number;
  children: ReactNode;
}) {
  return (
    <Popover position="bottom-start" width={width} trapFocus>
      <Popover.Target>
        <UnstyledButton className={classes.factButton} data-tone={tone}>
          <span className={classes.label}>{label}</span> {value.toLocaleString('en')}
          {tone && <IconAlertTriangle size={12} aria-hidden />}
        </UnstyledButton>
      </Popover.Target>
      <Popover.Dropdown className={classes.dropdown}>{children}</Popover.Dropdown>
    </Popover>
  );
}

function Warnings({ state }: { state: TraceState }) {
  const { warnings, nodeOf } = state.model;
  return warnings
    .filter(({ kind }) => kind !== 'still_arriving')
    .map((warning, index) => (
      <section key={index} className={classes.warning}>
        <Text size="sm" fw={600}>
          {warningTexts[warning.kind].title}
        </Text>
        <Text size="xs">{warning.message}</Text>
        <Text size="xs" c="dimmed">
          {warningTexts[warning.kind].help}
        </Text>
        <SpanList
          state={state}
          nodes={warning.span_ids.map(nodeOf).filter((node) => node >= 0)}
          count={warning.count}
        />
      </section>
    ));
}

function ServiceList({ state }: { state: TraceState }) {
  const { services } = state.model.summary;
  const colorOf = useServiceColor();
  return (
    <table className={classes.services}>
      <thead>
        <tr>
          <th scope="col">Service</th>
          <th scope="col">Spans</th>
          <th scope="col">Errors</th>
          <th scope="col" title="Sum over its spans">
            Time
          </th>
        </tr>
      </thead>
      <tbody>
        {services.map((service) => (
          <tr key={service.name}>
            {/* oxlint-disable-next-line jsx-a11y/control-has-associated-label -- the button in it is its label */}
            <th scope="row">
              <Group gap={7} wrap="nowrap">
                <span className={classes.pill} style={{ background: colorOf(service.name) }} />
                <Anchor
                  component="button"
                  size="sm"
                  onClick={() => state.actions.change({ find: service.name })}
                >
                  {service.name}
                </Anchor>
              </Group>
            </th>
            <td>{service.spans.toLocaleString('en')}</td>
            <td data-errors={service.errors > 0 || undefined}>{service.errors.toLocaleString('en')}</td>
            <td>{formatDuration(service.duration)}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
