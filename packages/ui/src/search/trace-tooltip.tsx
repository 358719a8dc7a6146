import { Group, Stack, Text } from '@mantine/core';
import type { TraceSummary } from '@throughline/query/api';
import { formatDuration } from '../design/format-duration.ts';
import { formatTime, formatUtc, millisOfNanos } from '../design/format-time.ts';
import { ServiceDot } from '../design/service-dot.tsx';
import { useServiceColor } from '../design/use-service-color.tsx';
import { countOf } from '../design/format-count.ts';

/** One trace in a few lines. */
export function TraceTooltip({ trace }: { trace: TraceSummary }) {
  const colorOf = useServiceColor();
  return (
    <Stack gap={3} maw={380} miw={200}>
      <Text size="sm" fw={600} truncate>
        {trace.root_service}: {trace.root_operation}
      </Text>
      <Text size="xs" c="dimmed">
        {formatTime(millisOfNanos(trace.start))} · {formatUtc(trace.start).slice(11)}
      </Text>
      <Group gap="md">
        <Text size="xs">{formatDuration(trace.duration)}</Text>
        <Text size="xs">{countOf(trace.spans, 'span')}</Text>
        {trace.errors > 0 && (
          <Text size="xs" c="var(--mantine-color-error)">
            {countOf(trace.errors, 'error')}
          </Text>
        )}
      </Group>
      {trace.services.slice(0, 8).map((service) => (
        <Group key={service.name} gap={6} wrap="nowrap">
          <ServiceDot color={colorOf(service.name)} />
          <Text size="xs" truncate style={{ flex: 1 }}>
            {service.name}
          </Text>
          <Text size="xs" c="dimmed" style={{ whiteSpace: 'nowrap' }}>
            {countOf(service.spans, 'span')} · {formatDuration(service.duration)}
          </Text>
        </Group>
      ))}
      {trace.services.length > 8 && (
        <Text size="xs" c="dimmed">
          and {trace.services.length - 8} more services
        </Text>
      )}
    </Stack>
  );
}
