import { ActionIcon, Group, Loader, Text, TextInput } from '@mantine/core';
import { IconChevronDown, IconChevronUp, IconSearch, IconX } from '@tabler/icons-react';
import type { KeyboardEvent, Ref } from 'react';

export interface Finding {
  /** Where it is looked for; this trace unless given. */
  readonly where?: string;
  readonly text: string | undefined;
  /** Whether more may still be found. */
  readonly searching: boolean;
  /** Undefined while nothing is looked for. */
  readonly found: { readonly count: number; readonly place: number } | undefined;
  readonly onText: (text: string | undefined) => void;
  /** To the next match or the one before. */
  readonly onGo: (step: 1 | -1) => void;
}

/** A field for what to find, with how much was found and which of it is selected (its `place`, from 1). */
export function FindField({ finding, inputRef }: { finding: Finding; inputRef: Ref<HTMLInputElement> }) {
  const { where = 'this trace', text, searching, found, onText, onGo } = finding;
  const onKeyDown = (event: KeyboardEvent<HTMLInputElement>) => {
    if (event.key !== 'Enter') return;
    event.preventDefault();
    onGo(event.shiftKey ? -1 : 1);
  };
  return (
    <Group component="search" gap={2} wrap="nowrap">
      <TextInput
        ref={inputRef}
        w={260}
        aria-label={`Find in ${where}`}
        placeholder={`Find in ${where} (f)`}
        leftSection={searching ? <Loader size={12} /> : <IconSearch size={14} />}
        rightSection={
          text ? (
            <ActionIcon size={20} aria-label="Clear" onClick={() => onText(undefined)}>
              <IconX size={13} />
            </ActionIcon>
          ) : null
        }
        value={text ?? ''}
        onChange={(event) => onText(event.currentTarget.value || undefined)}
        onKeyDown={onKeyDown}
      />
      {found && (
        <>
          <Text component="output" size="xs" c="dimmed" miw={64} ta="center">
            {searching && found.count === 0 ? '…' : foundText(found)}
          </Text>
          <ActionIcon
            size={24}
            aria-label="Previous match"
            disabled={found.count === 0}
            onClick={() => onGo(-1)}
          >
            <IconChevronUp size={15} />
          </ActionIcon>
          <ActionIcon size={24} aria-label="Next match" disabled={found.count === 0} onClick={() => onGo(1)}>
            <IconChevronDown size={15} />
          </ActionIcon>
        </>
      )}
    </Group>
  );
}

function foundText({ count, place }: { count: number; place: number }): string {
  if (count === 0) return 'Nothing found';
  return `${place.toLocaleString('en')} of ${count.toLocaleString('en')}`;
}
