import { Button, SegmentedControl, Text, TextInput } from '@mantine/core';
import { IconCheck, IconCopy, IconFilter } from '@tabler/icons-react';
import { useEffect, useRef, useState } from 'react';
import { copyText } from '../design/copy-button.tsx';
import { useShortcuts } from '../shell/shortcuts.tsx';
import type { GroupBy } from './groups.ts';
import classes from './statistics-bar.module.css';

interface StatisticsBarProps {
  readonly by: GroupBy;
  readonly onBy: (by: GroupBy) => void;
  readonly filter: string;
  readonly onFilter: (filter: string) => void;
  /** What the rows speak of, in words. */
  readonly about: string;
  /** Makes what is copied. */
  readonly csv: () => string;
}

/** What rows are, which of them, and a way to take them along. */
export function StatisticsBar({ by, onBy, filter, onFilter, about, csv }: StatisticsBarProps) {
  const input = useRef<HTMLInputElement>(null);
  const [copied, setCopied] = useState(false);
  useEffect(() => {
    if (!copied) return;
    const timer = setTimeout(() => setCopied(false), 1500);
    return () => clearTimeout(timer);
  }, [copied]);
  useShortcuts('Statistics', [
    { keys: ['f'], help: 'Filter the rows', run: () => input.current?.select() },
    {
      keys: ['g'],
      help: 'By operation or service',
      run: () => onBy(by === 'service' ? 'operation' : 'service'),
    },
  ]);
  return (
    <div className={classes.bar}>
      <SegmentedControl
        aria-label="Rows"
        data={[
          { value: 'operation', label: 'Operations' },
          { value: 'service', label: 'Services' },
        ]}
        value={by}
        onChange={(value) => onBy(value as GroupBy)}
      />
      <TextInput
        ref={input}
        w={220}
        aria-label="Filter the rows"
        placeholder="Filter the rows (f)"
        leftSection={<IconFilter size={13} />}
        value={filter}
        onChange={(event) => onFilter(event.currentTarget.value)}
      />
      <Text component="output" size="xs" c="dimmed" className={classes.about}>
        {about}
      </Text>
      <Button
        variant="default"
        size="compact-sm"
        leftSection={copied ? <IconCheck size={14} /> : <IconCopy size={14} />}
        onClick={() => void copyText(csv()).then(() => setCopied(true))}
      >
        {copied ? 'Copied' : 'Copy as CSV'}
      </Button>
    </div>
  );
}
