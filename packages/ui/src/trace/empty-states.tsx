import { Anchor, Code, List, Stack, Text, Title } from '@mantine/core';
import type { TraceId } from '@throughline/model';
import { Link } from '@tanstack/react-router';
import { CopyButton } from '../design/copy-button.tsx';
import classes from './empty-states.module.css';
import { LogList } from './logs/log-list.tsx';
import { logsModel } from './model.ts';
import { useLogs } from './questions.ts';

/** No span of the trace is stored, or not yet: the view keeps asking. Log records may be there without spans. */
export function TraceNotFound({ traceId }: { traceId: TraceId }) {
  const { data: logs = [] } = useLogs(traceId);
  return (
    <Stack gap="sm" maw={760} mx="auto" mt={72} px="lg">
      <Title order={1} size="h3">
        This trace is not stored
      </Title>
      <div className={classes.id}>
        <Code>{traceId}</Code> <CopyButton text={traceId} label="Copy trace id" />
      </div>
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
      {logs.length > 0 && (
        <section className={classes.logs}>
          <Title order={2} size="h5" mb={4}>
            {logs.length === 1
              ? 'A log record bears'
              : `${logs.length.toLocaleString('en')} log records bear`}{' '}
            its id
          </Title>
          <div className={classes.list}>
            <LogList model={logsModel(logs)} logs={logs.map((_, log) => log)} />
          </div>
        </section>
      )}
    </Stack>
  );
}
