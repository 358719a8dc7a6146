import { Button, Divider, Group, Popover, Select, Stack, Text, TextInput } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { IconCheck, IconChevronDown, IconClock } from '@tabler/icons-react';
import { useState } from 'react';
import { formatTime } from '../design/format-time.ts';
import type { SearchState } from './search-state.ts';
import classes from './time-range-picker.module.css';
import {
  describeRange,
  parseLast,
  parseTime,
  presets,
  printLast,
  resolveRange,
  unitNames,
  type RangeUnit,
  type TimeRange,
} from './time-range.ts';

interface Props {
  readonly range: TimeRange;
  readonly onChange: (range: Pick<SearchState, 'last' | 'start' | 'end'>) => void;
}

export function TimeRangePicker({ range, onChange }: Props) {
  const [opened, { toggle, close }] = useDisclosure(false);
  const take = (change: Pick<SearchState, 'last' | 'start' | 'end'>) => {
    close();
    onChange(change);
  };
  const takeLast = (last: string) => take({ last, start: undefined, end: undefined });
  return (
    <Popover opened={opened} onDismiss={close} position="bottom-end" trapFocus>
      <Popover.Target>
        <Button
          variant="default"
          className={classes.target ?? ''}
          leftSection={<IconClock size={15} stroke={1.6} />}
          rightSection={<IconChevronDown size={14} stroke={1.6} />}
          aria-label={`Time range: ${describeRange(range)}`}
          onClick={toggle}
        >
          {describeRange(range)}
        </Button>
      </Popover.Target>
      <Popover.Dropdown p={0} aria-label="Time range">
        <Group gap={0} align="stretch" wrap="nowrap">
          <Stack gap={0} p={6} className={classes.presets ?? ''}>
            {presets.map((preset) => {
              const each = parseLast(preset);
              const current = range.kind === 'last' && printLast(range) === preset;
              return (
                each && (
                  <button key={preset} type="button" aria-pressed={current} onClick={() => takeLast(preset)}>
                    {describeRange(each)}
                    {current && <IconCheck size={14} />}
                  </button>
                )
              );
            })}
          </Stack>
          <Stack p="md" gap="md" w={290}>
            <CustomLast range={range} onTake={takeLast} />
            <Divider />
            <FixedRange range={range} onTake={(start, end) => take({ start, end, last: undefined })} />
          </Stack>
        </Group>
      </Popover.Dropdown>
    </Popover>
  );
}

function CustomLast({ range, onTake }: { range: TimeRange; onTake: (last: string) => void }) {
  const [count, setCount] = useState(range.kind === 'last' ? `${range.count}` : '45');
  const [unit, setUnit] = useState<RangeUnit>(range.kind === 'last' ? range.unit : 'm');
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        if (parseLast(`${count}${unit}`)) onTake(`${count}${unit}`);
      }}
    >
      <Text size="xs" fw={500} mb={3}>
        Back from now
      </Text>
      <Group gap={6} wrap="nowrap">
        <TextInput
          w={64}
          aria-label="How many"
          inputMode="numeric"
          value={count}
          error={parseLast(`${count}${unit}`) === undefined}
          onChange={(event) => setCount(event.currentTarget.value)}
        />
        <Select
          style={{ flex: 1 }}
          aria-label="Unit"
          allowDeselect={false}
          comboboxProps={{ withinPortal: false }}
          data={Object.entries(unitNames).map(([value, name]) => ({ value, label: `${name}s` }))}
          value={unit}
          onChange={(value) => setUnit(value as RangeUnit)}
        />
        <Button type="submit" variant="default">
          Apply
        </Button>
      </Group>
    </form>
  );
}

function FixedRange({ range, onTake }: { range: TimeRange; onTake: (start: string, end: string) => void }) {
  const [now] = useState(() => Date.now());
  const shown = resolveRange(range, now);
  const [from, setFrom] = useState(formatTime(shown.start));
  const [to, setTo] = useState(formatTime(shown.end));
  const start = parseTime(from, now);
  const end = parseTime(to, now);
  const disorder = start !== undefined && end !== undefined && start >= end;
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        if (start === undefined || end === undefined || disorder) return;
        onTake(new Date(start).toISOString(), new Date(end).toISOString());
      }}
    >
      <Stack gap={8}>
        <TextInput
          label="From"
          value={from}
          error={start === undefined && 'Not a time'}
          spellCheck={false}
          onChange={(event) => setFrom(event.currentTarget.value)}
        />
        <TextInput
          label="To"
          value={to}
          error={end === undefined ? 'Not a time' : disorder && 'Not after the start'}
          spellCheck={false}
          onChange={(event) => setTo(event.currentTarget.value)}
        />
        <Text size="xs" c="dimmed">
          Local time; also 16:04, an ISO time, or a number since 1970.
        </Text>
        <Button type="submit" disabled={start === undefined || end === undefined || disorder}>
          Apply
        </Button>
      </Stack>
    </form>
  );
}
