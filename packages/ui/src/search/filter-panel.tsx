import { Autocomplete, Button, Group, SegmentedControl, Select, Stack, Text } from '@mantine/core';
import { spanKinds, type SpanKind, type StatusCode } from '@throughline/model';
import { useState } from 'react';
import { useOperations, useServices, type Period } from '../api/questions.ts';
import { formatRoughCount } from '../design/format-count.ts';
import { DurationBounds } from './duration-bounds.tsx';
import classes from './filter-panel.module.css';
import { hasFilters, withoutFilters, type SearchState } from './search-state.ts';
import { ServiceSelect } from './service-select.tsx';

interface Props {
  readonly state: SearchState;
  readonly period: Period | undefined;
  readonly onChange: (change: Partial<SearchState>) => void;
  readonly onReplace: (state: SearchState) => void;
}

export function FilterPanel({ state, period, onChange, onReplace }: Props) {
  const services = useServices(period).data?.services ?? [];
  return (
    <Stack component="aside" gap="md" className={classes.panel ?? ''} aria-label="Filters">
      <Group justify="space-between" h={26}>
        <Text fw={600}>Filters</Text>
        {hasFilters(state) && (
          <Button variant="subtle" px={6} h={24} onClick={() => onReplace(withoutFilters(state))}>
            Clear all
          </Button>
        )}
      </Group>
      <ServiceSelect
        label="Service"
        placeholder="Any"
        counts={new Map(services.map(({ name, spans }) => [name, spans]))}
        value={state.service}
        onChange={(service) => onChange({ service, operation: undefined })}
      />
      <OperationField
        key={`${state.service} ${state.operation}`}
        service={state.service}
        value={state.operation}
        onChange={(operation) => onChange({ operation })}
      />
      <Select
        label="Kind"
        placeholder="Any"
        clearable
        data={spanKinds
          .filter((kind) => kind !== 'unspecified')
          .map((value) => ({ value, label: sentence(value) }))}
        value={state.kind ?? null}
        onChange={(kind) => onChange({ kind: (kind as SpanKind | null) ?? undefined })}
      />
      <div>
        <Text size="xs" fw={500} mb={3} id="status-label">
          Status
        </Text>
        <SegmentedControl
          fullWidth
          aria-labelledby="status-label"
          data={[
            { value: 'any', label: 'Any' },
            { value: 'error', label: 'Error' },
            { value: 'ok', label: 'OK' },
            { value: 'unset', label: 'Unset' },
          ]}
          value={state.status ?? 'any'}
          onChange={(status) => onChange({ status: status === 'any' ? undefined : (status as StatusCode) })}
        />
      </div>
      <DurationBounds
        label="Span duration"
        min={state.min}
        max={state.max}
        onChange={({ min, max }) => onChange({ min, max })}
      />
      <DurationBounds
        label="Trace duration"
        min={state.minTrace}
        max={state.maxTrace}
        onChange={({ min, max }) => onChange({ minTrace: min, maxTrace: max })}
      />
    </Stack>
  );
}

interface OperationProps {
  readonly service: string | undefined;
  readonly value: string | undefined;
  readonly onChange: (operation: string | undefined) => void;
}

/** Any text may be typed; those that are stored are offered. */
function OperationField({ service, value, onChange }: OperationProps) {
  const [text, setText] = useState(value ?? '');
  const operations = useOperations(service).data?.operations ?? [];
  const spans = new Map<string, number>();
  for (const { name, spans: count } of operations) spans.set(name, (spans.get(name) ?? 0) + count);
  const commit = (next: string) => {
    if (next.trim() !== (value ?? '')) onChange(next.trim() === '' ? undefined : next.trim());
  };
  return (
    <Autocomplete
      label="Operation"
      placeholder="Any"
      clearable
      limit={200}
      maxDropdownHeight={420}
      data={[...spans.keys()]}
      value={text}
      onChange={setText}
      onOptionSubmit={commit}
      onClear={() => commit('')}
      onBlur={() => commit(text)}
      onKeyDown={(event) => {
        if (event.key === 'Enter') commit(text);
      }}
      renderOption={({ option }) => (
        <>
          <span className={classes.name}>{option.value}</span>
          <span className={classes.count}>{formatRoughCount(spans.get(option.value) ?? 0)}</span>
        </>
      )}
    />
  );
}

function sentence(word: string): string {
  return word.charAt(0).toUpperCase() + word.slice(1);
}
