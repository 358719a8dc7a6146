import { Button, Stack, Text } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import { describeRange } from '../search/time-range.ts';
import { mapRangeOf, type MapState } from './map-state.ts';

interface NoCallsProps {
  readonly state: MapState;
  readonly onChange: (change: Partial<MapState>) => void;
}

/** An empty map, and what may be changed about it. */
export function NoCalls({ state, onChange }: NoCallsProps) {
  return (
    <Stack align="center" gap={8} pt={96} px="xl" ta="center">
      <Text fw={600} size="md" component="output">
        {state.focus === undefined
          ? 'No service sent spans in this time'
          : `Nothing is known of ${state.focus} in this time`}
      </Text>
      <Text c="dimmed">{describeRange(mapRangeOf(state))}.</Text>
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
        {state.focus !== undefined && (
          <Button variant="subtle" onClick={() => onChange({ focus: undefined })}>
            Show all services
          </Button>
        )}
        <Button variant="subtle" renderRoot={(props) => <Link {...props} to="/search" search={{}} />}>
          Search traces
        </Button>
      </Stack>
    </Stack>
  );
}
