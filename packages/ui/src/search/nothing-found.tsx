import { Button } from '@mantine/core';
import { EmptyResult } from './empty-result.tsx';
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
    <EmptyResult
      title={`No trace ${filtered ? 'matches' : 'was stored'} in this time`}
      note={`${describeRange(rangeOf(state))}${filtered ? ', all filters together.' : '.'}`}
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
function clearing(state: SearchState): Partial<SearchState> {
  const nothing = Object.fromEntries(Object.keys(state).map((name) => [name, undefined]));
  return { ...nothing, ...withoutFilters(state) };
}
