import { Button } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import { EmptyResult } from '../search/empty-result.tsx';
import { describeRange } from '../search/time-range.ts';
import { mapRangeOf, type MapState } from './map-state.ts';

interface NoCallsProps {
  readonly state: MapState;
  readonly onChange: (change: Partial<MapState>) => void;
}

/** An empty map, and what may be changed about it. */
export function NoCalls({ state, onChange }: NoCallsProps) {
  return (
    <EmptyResult
      title={
        state.focus === undefined
          ? 'No service sent spans in this time'
          : `Nothing is known of ${state.focus} in this time`
      }
      note={`${describeRange(mapRangeOf(state))}.`}
      last={state.last}
      onWiden={onChange}
    >
      {state.focus !== undefined && (
        <Button variant="subtle" onClick={() => onChange({ focus: undefined })}>
          Show all services
        </Button>
      )}
      <Button variant="subtle" renderRoot={(props) => <Link {...props} to="/search" search={{}} />}>
        Search traces
      </Button>
    </EmptyResult>
  );
}
