import { ActionIcon, Group, Loader, Text, TextInput } from '@mantine/core';
import { IconChevronDown, IconChevronUp, IconSearch, IconX } from '@tabler/icons-react';
import type { KeyboardEvent, Ref } from 'react';
import { neighbour, placeOf } from './find.ts';
import type { TraceState } from './use-trace-state.ts';

/** Finds text in the trace; tells which of how many matches is selected. */
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
  const go = (step: 1 | -1) => actions.select(neighbour(model.tree, nodes, selected, step));
  const onKeyDown = (event: KeyboardEvent<HTMLInputElement>) => {
    if (event.key !== 'Enter') return;
    event.preventDefault();
    go(event.shiftKey ? -1 : 1);
  };
  return (
    <Group component="search" gap={2} wrap="nowrap">
      <TextInput
        ref={inputRef}
        w={260}
        aria-label="Find in this trace"
        placeholder="Find in this trace (f)"
        leftSection={searching ? <Loader size={12} /> : <IconSearch size={14} />}
        rightSection={
          url.find ? (
            <ActionIcon size={20} aria-label="Clear" onClick={() => actions.change({ find: undefined })}>
              <IconX size={13} />
            </ActionIcon>
          ) : null
        }
        value={url.find ?? ''}
        onChange={(event) => actions.change({ find: event.currentTarget.value || undefined })}
        onKeyDown={onKeyDown}
      />
      {found && (
        <>
          <Text component="output" size="xs" c="dimmed" miw={64} ta="center">
            {searching && nodes.length === 0
              ? '…'
              : foundText(nodes.length, placeOf(model.tree, nodes, selected))}
          </Text>
          <ActionIcon
            size={24}
            aria-label="Previous match"
            disabled={nodes.length === 0}
            onClick={() => go(-1)}
          >
            <IconChevronUp size={15} />
          </ActionIcon>
          <ActionIcon size={24} aria-label="Next match" disabled={nodes.length === 0} onClick={() => go(1)}>
            <IconChevronDown size={15} />
          </ActionIcon>
        </>
      )}
    </Group>
  );
}

function foundText(count: number, place: number): string {
  if (count === 0) return 'Nothing found';
  return `${place.toLocaleString('en')} of ${count.toLocaleString('en')}`;
}
