import { Button, Stack, Text } from '@mantine/core';
import { useStatus } from '../api/questions.ts';
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
  return (
    <Stack align="center" gap={8} pt={96} px="xl" ta="center">
      <Text fw={600} size="md" component="output">
        {none ? 'No log record was ever stored' : `No log record ${filtered ? 'matches' : 'is'} in this time`}
      </Text>
      {none ? (
        <Text c="dimmed" maw={520}>
          Send your services&rsquo; logs over OTLP to the same address as their spans. Those written while a
          span is active lead to its trace, and back.
        </Text>
      ) : (
        <Text c="dimmed">
          {describeRange(logsRangeOf(state))}
          {filtered ? ', all filters together.' : '.'}
        </Text>
      )}
      <Stack gap={6} mt={6} align="stretch">
        {none && (
          <Button variant="default" onClick={() => onChange({ live: 'on', last: '15m' })}>
            Wait for the first
          </Button>
        )}
        {!none &&
          (['1d', '14d'] as const)
            .filter((last) => state.last !== last)
            .map((last) => (
              <Button
                key={last}
                variant="default"
                onClick={() => onChange({ last, start: undefined, end: undefined })}
              >
                Look at the last {last === '1d' ? 'day' : '14 days'}
              </Button>
            ))}
        {filtered && !none && (
          <Button variant="subtle" onClick={() => onChange(clearing(state))}>
            Clear the filters
          </Button>
        )}
      </Stack>
    </Stack>
  );
}

/** The change that removes every filter and leaves the times. */
function clearing(state: LogsState): Partial<LogsState> {
  const nothing = Object.fromEntries(Object.keys(state).map((name) => [name, undefined]));
  return { ...nothing, ...withoutLogFilters(state) };
}
