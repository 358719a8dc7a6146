import { Anchor, Code, List, Stack, Text, Title } from '@mantine/core';
import type { TraceId } from '@throughline/model';
import { Link } from '@tanstack/react-router';
import { CopyButton } from '../design/copy-button.tsx';
import classes from './empty-states.module.css';
import { LogList } from './log-list.tsx';
import type { TraceModel } from './model.ts';

/** The trace is not stored (yet): the view keeps asking. */
export function TraceNotFound({ traceId }: { traceId: TraceId }) {
  return (
    <Stack gap="sm" maw={620} mx="auto" mt={88} px="lg">
      <Title order={1} size="h3">
        This trace is not stored
      </Title>
      <Text component="div" className={classes.id}>
        <Code>{traceId}</Code> <CopyButton text={traceId} label="Copy trace id" />
      </Text>
      <Text c="dimmed">The page looks again every two seconds. If the trace does not appear:</Text>
      <List c="dimmed" spacing={6} size="sm">
        <List.Item>
          Is the id complete? A trace id has 32 hexadecimal digits; some tools show only half of it.
        </List.Item>
        <List.Item>
          Has it been sent? Spans are sent when they end, often in batches, some seconds later.
        </List.Item>
        <List.Item>
          Was it sampled? A service that decides not to sample sends nothing, yet logs the id.
        </List.Item>
        <List.Item>
          Does the service send here? Look at its exporter&rsquo;s address and error messages.
        </List.Item>
        <List.Item>Is it old? Traces are deleted after the retention time.</List.Item>
      </List>
      <Anchor renderRoot={(props) => <Link {...props} to="/search" search={{}} />}>Search traces</Anchor>
    </Stack>
  );
}

/** There are log records with this trace id but no spans. */
export function EmptyTrace({ model, traceId }: { model: TraceModel; traceId: TraceId }) {
  return (
    <Stack gap="sm" h="100%" p="lg">
      <Title order={1} size="h3">
        No spans of this trace are stored
      </Title>
      <Text c="dimmed">
        {model.logs.records.length === 0
          ? 'It may still be arriving, or its spans were not sampled.'
          : 'Only these log records bear its id. Its spans may still be arriving, or were not sampled.'}{' '}
        <Code>{traceId}</Code>
      </Text>
      {model.logs.records.length > 0 && (
        <LogList model={model} logs={model.logs.records.map((_, log) => log)} />
      )}
    </Stack>
  );
}
