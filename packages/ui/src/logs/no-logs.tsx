import { Button } from '@mantine/core';
import { useStatus } from '../api/questions.ts';
import { EmptyResult } from '../search/empty-result.tsx';
import { describeRange } from '../search/time-range.ts';
import { hasLogFilters, logsRangeOf, withoutLogFilters, type LogsState } from './logs-state.ts';

interface Props {
  readonly state: LogsState;
  readonly onChange: (change: Partial<LogsState>) => void;
}

/** An empty list, and what may be changed about it. */
export function NoLogs({ state, onChange }: Props) {
  const filtered = hasLogFilters(state);
  const none = useStatus(() => false).data?.logs.stored === 0;
  if (none)
    return (
      <EmptyResult
        title="No log record was ever stored"
        note={
          <>
            Send your services&rsquo; logs over OTLP to the same address as their spans. Those written while a
            span is active lead to its trace, and back.
          </>
        }
        last={state.last}
      >
        <Button variant="default" onClick={() => onChange({ live: 'on', last: '15m' })}>
          Wait for the first
        </Button>
      </EmptyResult>
    );
  return (
    <EmptyResult
      title={`No log record ${filtered ? 'matches' : 'is'} in this time`}
      note={`${describeRange(logsRangeOf(state))}${filtered ? ', all filters together.' : '.'}`}
      last={state.last}
      onWiden={onChange}
    >
      {filtered && (
        <Button variant="subtle" onClick={() => onChange(clearing(state))}>
          Clear the filters
        </Button>
      )}
    </EmptyResult>
  );
}

/** The change that removes every filter and leaves the times. */
function clearing(state: LogsState): Partial<LogsState> {
  const nothing = Object.fromEntries(Object.keys(state).map((name) => [name, undefined]));
  return { ...nothing, ...withoutLogFilters(state) };
}
