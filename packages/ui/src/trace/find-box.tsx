import type { Ref } from 'react';
import { FindField } from '../design/find-field.tsx';
import { neighbour, placeOf } from './find.ts';
import type { TraceState } from './use-trace-state.ts';

/** Finds text in the trace; tells which of how many matching spans is selected. */
export function FindBox({
  state,
  searching,
  inputRef,
}: {
  state: TraceState;
  searching: boolean;
  inputRef: Ref<HTMLInputElement>;
}) {
  const { model, url, found, selected, actions } = state;
  const nodes = found?.nodes ?? [];
  return (
    <FindField
      inputRef={inputRef}
      finding={{
        text: url.find,
        searching,
        found: found && { count: nodes.length, place: placeOf(model.tree, nodes, selected) },
        onText: (find) => actions.change({ find }),
        onGo: (step) => actions.select(neighbour(model.tree, nodes, selected, step)),
      }}
    />
  );
}
