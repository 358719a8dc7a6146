import { Button, Stack, Text } from '@mantine/core';
import { hasFilters, rangeOf, withoutFilters, type SearchState } from './search-state.ts';
import { describeRange } from './time-range.ts';

interface Props {
  readonly state: SearchState;
  readonly onChange: (change: Partial<SearchState>) => void;
}

/** An empty result, and what may be changed about it. */
export function NothingFound({ state, onChange }: Props) {
  const filtered = hasFilters(state);
  return (
    <Stack align="center" gap={8} pt={96} px="xl">
      <Text fw={600} size="md" component="output">
        No trace {filtered ? 'matches' : 'was stored'} in this time
      </Text>
      <Text c="dimmed">
        {describeRange(rangeOf(state))}
        {filtered ? ', all filters together.' : '.'}
      </Text>
      <Stack gap={6} mt={6} align="stretch">
        {(['1d', '14d'] as const)
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
        {filtered && (
          <Button variant="subtle" onClick={() => onChange(clearing(state))}>
            Clear the filters
          </Button>
        )}
      </Stack>
    </Stack>
  );
}

/** The change that removes every filter and leaves the times. */
function clearing(state: SearchState): Partial<SearchState> {
  const nothing = Object.fromEntries(Object.keys(state).map((name) => [name, undefined]));
  return { ...nothing, ...withoutFilters(state) };
}
