import { Group, Text, TextInput } from '@mantine/core';
import { useState } from 'react';
import classes from './duration-bounds.module.css';
import { parseDuration } from '../design/format-duration.ts';

interface Props {
  readonly label: string;
  readonly min: string | undefined;
  readonly max: string | undefined;
  readonly onChange: (bounds: { min: string | undefined; max: string | undefined }) => void;
}

/** Two fields for lengths of time such as `100ms`; Enter or leaving the field takes them. */
export function DurationBounds({ label, min, max, onChange }: Props) {
  return (
    <fieldset className={classes.bounds}>
      <Text component="legend" size="xs" fw={500} mb={3} p={0}>
        {label}
      </Text>
      <Group gap={6} wrap="nowrap">
        <Bound
          key={`min ${min}`}
          label={`${label}, at least`}
          hint="min"
          value={min}
          onCommit={(next) => onChange({ min: next, max })}
        />
        <Text size="xs" c="dimmed" aria-hidden>
          –
        </Text>
        <Bound
          key={`max ${max}`}
          label={`${label}, at most`}
          hint="max"
          value={max}
          onCommit={(next) => onChange({ min, max: next })}
        />
      </Group>
    </fieldset>
  );
}

interface BoundProps {
  readonly label: string;
  readonly hint: string;
  readonly value: string | undefined;
  readonly onCommit: (value: string | undefined) => void;
}

function Bound({ label, hint, value, onCommit }: BoundProps) {
  const [text, setText] = useState(value ?? '');
  const trimmed = text.trim();
  const wrong = trimmed !== '' && parseDuration(trimmed) === undefined;
  const commit = () => {
    if (wrong || trimmed === (value ?? '')) return;
    onCommit(trimmed === '' ? undefined : withUnit(trimmed));
  };
  return (
    <TextInput
      aria-label={label}
      placeholder={hint}
      value={text}
      error={wrong}
      title={wrong ? 'Write a length such as 250ms, 1.5s or 2min' : ''}
      spellCheck={false}
      onChange={(event) => setText(event.currentTarget.value)}
      onBlur={commit}
      onKeyDown={(event) => {
        if (event.key === 'Enter') commit();
      }}
    />
  );
}

function withUnit(text: string): string {
  return /[a-zµμ]$/i.test(text) ? text.replaceAll(' ', '') : `${text}ms`;
}
