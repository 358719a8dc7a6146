import { Select, Switch, TextInput, VisuallyHidden } from '@mantine/core';
import { parseTraceId } from '@throughline/model';
import { IconFilter } from '@tabler/icons-react';
import { useNavigate, useSearch } from '@tanstack/react-router';
import { useCallback, useEffect, useMemo, useRef, useState } from 'react';
import { parseCondition } from '../search/condition-text.ts';
import { RefreshButton } from '../search/refresh-button.tsx';
import { TimeRangePicker } from '../search/time-range-picker.tsx';
import { periodOf } from '../search/time-range.ts';
import { useShortcuts } from '../shell/shortcuts.tsx';
import { LogChips } from './log-chips.tsx';
import { LogResults } from './log-results.tsx';
import { LogServiceSelect } from './log-service-select.tsx';
import classes from './logs-page.module.css';
import { logsRangeOf, severityWords, type LogsState, type SeverityWord } from './logs-state.ts';
import { useLiveLines } from './use-live-lines.ts';
import { useLogResults } from './use-log-results.ts';

/** All log records of a time range, whatever trace they belong to. */
export function LogsPage() {
  const state = useSearch({ from: '/logs' });
  const navigate = useNavigate({ from: '/logs' });
  const change = useCallback(
    (part: Partial<LogsState>) => void navigate({ search: (before) => ({ ...before, ...part }) }),
    [navigate],
  );
  const field = useRef<HTMLInputElement>(null);
  const [text, setText] = useState('');
  const results = useLogResults(state);
  const live = useLiveLines(state, state.live === 'on');
  const period = useMemo(() => results.times && periodOf(results.times), [results.times]);

  useShortcuts('Logs', [
    { keys: ['/'], help: 'Filter', run: () => field.current?.focus() },
    { keys: ['r'], help: 'Ask again', run: results.refresh },
    { keys: ['l'], help: 'Live on or off', run: () => change(liveChange(state)) },
  ]);
  useEffect(() => {
    document.title = state.service ? `Logs of ${state.service} · Throughline` : 'Logs · Throughline';
  }, [state.service]);

  const finish = () => {
    if (text.trim() === '') return;
    change(filterOf(text.trim(), state));
    setText('');
  };
  return (
    <section className={classes.page} aria-label="Log records">
      <h1>
        <VisuallyHidden>Logs</VisuallyHidden>
      </h1>
      <div className={classes.toolbar}>
        <TextInput
          ref={field}
          className={classes.field ?? ''}
          aria-label="Filter by text or attribute"
          placeholder="Filter: any text of the message, attribute=value, or a trace id"
          value={text}
          spellCheck={false}
          autoComplete="off"
          leftSection={<IconFilter size={15} stroke={1.6} />}
          rightSection={<span className={classes.key}>/</span>}
          onChange={(event) => setText(event.currentTarget.value)}
          onKeyDown={(event) => event.key === 'Enter' && finish()}
        />
        <LogServiceSelect period={period} value={state.service} onChange={(service) => change({ service })} />
        <Select
          className={classes.severity ?? ''}
          aria-label="Least severity"
          placeholder="Any severity"
          clearable
          data={severityWords.map((value) => ({
            value,
            label: value === 'fatal' ? 'fatal' : `${value} and above`,
          }))}
          value={state.severity ?? null}
          onChange={(severity) => change({ severity: (severity as SeverityWord | null) ?? undefined })}
        />
        <TimeRangePicker
          range={logsRangeOf(state)}
          onChange={(range) => change({ ...range, ...(range.start ? { live: undefined } : {}) })}
        />
        <RefreshButton
          label="Ask again"
          waiting={results.list.isFetching && state.live !== 'on'}
          onClick={results.refresh}
        />
        <Switch label="Live" checked={state.live === 'on'} onChange={() => change(liveChange(state))} />
      </div>
      <LogChips
        state={state}
        onChange={change}
        onEdit={(condition) => {
          setText(condition);
          field.current?.focus();
        }}
      />
      <LogResults state={state} results={results} live={live} onChange={change} />
    </section>
  );
}

/** What a typed text narrows the list to: an attribute's value, a trace, or a text in the body. */
function filterOf(typed: string, state: LogsState): Partial<LogsState> {
  if (parseCondition(typed)) return { where: [...new Set([...(state.where ?? []), typed])] };
  const trace = typed.length === 32 ? parseTraceId(typed) : undefined;
  return trace ? { trace, span: undefined } : { text: typed };
}

/** Live needs a range that ends now and the newest first. */
function liveChange(state: LogsState): Partial<LogsState> {
  if (state.live === 'on') return { live: undefined };
  const fixed = state.start !== undefined;
  return {
    live: 'on',
    order: undefined,
    ...(fixed ? { start: undefined, end: undefined, last: '15m' } : {}),
  };
}
