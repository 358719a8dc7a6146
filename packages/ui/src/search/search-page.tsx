import { Switch, VisuallyHidden } from '@mantine/core';
import type { TraceSummary } from '@throughline/query/api';
import { useNavigate } from '@tanstack/react-router';
import { useEffect, useMemo, useRef, useState } from 'react';
import { ConditionChips } from './condition-chips.tsx';
import { FilterInput } from './filter-input.tsx';
import { FilterPanel } from './filter-panel.tsx';
import type { Brushed } from './brush.ts';
import { RefreshButton } from './refresh-button.tsx';
import { SearchResults } from './search-results.tsx';
import classes from './search-page.module.css';
import { rangeOf, type SearchState } from './search-state.ts';
import type { Finish } from './suggestions.ts';
import { TimeRangePicker } from './time-range-picker.tsx';
import { periodOf } from './time-range.ts';
import { useLiveTraces } from './use-live-traces.ts';
import { useSearchResults } from './use-search-results.ts';
import { useSearchState } from './use-search-state.ts';
import { useShortcuts } from '../shell/shortcuts.tsx';

export function SearchPage() {
  const [state, change] = useSearchState();
  const navigate = useNavigate({ from: '/search' });
  const field = useRef<HTMLInputElement>(null);
  const [text, setText] = useState('');
  const results = useSearchResults(state);
  const live = useLiveTraces(state, state.live === 'on');
  const period = useMemo(() => results.times && periodOf(results.times), [results.times]);

  useShortcuts('Search', [
    { keys: ['/'], help: 'Filter', run: () => field.current?.focus() },
    { keys: ['r'], help: 'Search again', run: results.refresh },
    { keys: ['l'], help: 'Live on or off', run: () => change(liveChange(state)) },
  ]);
  useEffect(() => {
    document.title = state.service ? `${state.service} · Throughline` : 'Search · Throughline';
  }, [state.service]);

  const open = (traceId: string) => {
    results.remember(traceId);
    void navigate({ to: '/trace/$traceId', params: { traceId }, search: {} });
  };
  const finish = (what: Finish, typed: string) => {
    switch (what) {
      case 'condition':
        return change({ where: [...new Set([...(state.where ?? []), typed])] });
      case 'text':
        return change({ text: typed });
      case 'trace':
        return open(typed);
    }
  };
  return (
    <div className={classes.page}>
      <FilterPanel
        state={state}
        period={period}
        onChange={change}
        onReplace={(next) => void navigate({ search: next })}
      />
      <section className={classes.main} aria-label="Traces">
        <h1>
          <VisuallyHidden>Search</VisuallyHidden>
        </h1>
        <div className={classes.toolbar}>
          <FilterInput
            inputRef={field}
            text={text}
            onText={setText}
            service={state.service}
            onFinish={finish}
          />
          <TimeRangePicker
            range={rangeOf(state)}
            onChange={(range) => change({ ...range, ...(range.start ? { live: undefined } : {}) })}
          />
          <RefreshButton
            label="Search again"
            waiting={results.list.isFetching && state.live !== 'on'}
            onClick={results.refresh}
          />
          <Switch label="Live" checked={state.live === 'on'} onChange={() => change(liveChange(state))} />
        </div>
        <ConditionChips
          state={state}
          onChange={change}
          onEdit={(condition) => {
            setText(condition);
            field.current?.focus();
          }}
        />
        <SearchResults
          state={state}
          results={results}
          live={live}
          onChange={change}
          onBrush={(brushed) => change(brushChange(brushed))}
          onOpen={({ trace_id }: TraceSummary) => open(trace_id)}
        />
      </section>
    </div>
  );
}

/** Live needs a range that ends now and the newest first. */
function liveChange(state: SearchState): Partial<SearchState> {
  if (state.live === 'on') return { live: undefined };
  const fixed = state.start !== undefined;
  return { live: 'on', sort: undefined, ...(fixed ? { start: undefined, end: undefined, last: '15m' } : {}) };
}

function brushChange({ times, durations }: Brushed): Partial<SearchState> {
  return {
    ...(times
      ? {
          start: new Date(times.start).toISOString(),
          end: new Date(times.end).toISOString(),
          last: undefined,
          live: undefined,
        }
      : {}),
    ...(durations ? { minTrace: shortLength(durations.min), maxTrace: shortLength(durations.max) } : {}),
  };
}

/** A length for the address, with four digits: `123.4ms`. */
function shortLength(nanos: number): string {
  const [size, unit] =
    nanos >= 1e9 ? [1e9, 's'] : nanos >= 1e6 ? [1e6, 'ms'] : nanos >= 1e3 ? [1e3, 'us'] : [1, 'ns'];
  return `${Number((nanos / size).toPrecision(4))}${unit}`;
}
