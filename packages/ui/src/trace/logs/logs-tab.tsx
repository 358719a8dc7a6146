import { Button, Group, Select, Text, TextInput } from '@mantine/core';
import { IconExternalLink, IconSearch } from '@tabler/icons-react';
import type { LogRecord } from '@throughline/query/api';
import { Link } from '@tanstack/react-router';
import { useMemo, useState } from 'react';
import { severityWords } from '../../logs/logs-state.ts';
import { LogList } from './log-list.tsx';
import classes from './logs-tab.module.css';
import { pairText } from '../details/attributes.ts';
import { logsOfTrace } from './logs-link.ts';
import { logText, severities, severityOf } from './logs.ts';
import type { TraceState } from '../use-trace-state.ts';

/** The trace's log records in order of time. */
export function LogsTab({ state }: { state: TraceState }) {
  const { model, actions } = state;
  const { records } = model.logs;
  const [text, setText] = useState('');
  const [least, setLeast] = useState<string | null>(null);
  const [service, setService] = useState<string | null>(null);
  const services = useMemo(() => [...new Set(records.map((record) => record.service))].sort(), [records]);
  const logs = useMemo(() => {
    const needle = text.trim().toLowerCase();
    const from = severities.findIndex((severity) => severity === least);
    return records.flatMap((record, log) => {
      const fits =
        (service === null || record.service === service) &&
        severities.indexOf(severityOf(record)) >= from &&
        (needle === '' || textsOf(record).some((each) => each.toLowerCase().includes(needle)));
      return fits ? [log] : [];
    });
  }, [records, text, least, service]);

  if (records.length === 0) {
    return (
      <div className={classes.none}>
        <Text fw={600}>No log records carry this trace&rsquo;s id</Text>
        <Text c="dimmed" maw={520}>
          Send your services&rsquo; logs over OTLP to the same address as their spans, written while a span is
          active: they then appear here and in the waterfall.
        </Text>
      </div>
    );
  }
  return (
    <div className={classes.tab}>
      <Group gap="xs" className={classes.filters}>
        <TextInput
          w={260}
          aria-label="Filter by text"
          placeholder="Filter by text or attribute=value"
          leftSection={<IconSearch size={14} />}
          value={text}
          onChange={(event) => setText(event.currentTarget.value)}
        />
        <Select
          w={150}
          aria-label="Least severity"
          placeholder="Any severity"
          clearable
          data={severities
            .slice(1)
            .map((value) => ({ value, label: value === 'fatal' ? value : `${value} and above` }))}
          value={least}
          onChange={setLeast}
        />
        <Select
          w={180}
          aria-label="Service"
          placeholder="All services"
          clearable
          data={services}
          value={service}
          onChange={setService}
        />
        <Text component="output" size="xs" c="dimmed">
          {logs.length === records.length
            ? `${records.length.toLocaleString('en')} records`
            : `${logs.length.toLocaleString('en')} of ${records.length.toLocaleString('en')} records`}
        </Text>
        <Button
          ml="auto"
          variant="default"
          leftSection={<IconExternalLink size={14} />}
          renderRoot={(props) => (
            <Link
              {...props}
              to="/logs"
              search={{
                ...logsOfTrace(model),
                text: text.trim() || undefined,
                severity: severityWords.find((word) => word === least),
                service: service ?? undefined,
              }}
            />
          )}
        >
          Open in Logs
        </Button>
      </Group>
      <div className={classes.list}>
        <LogList
          model={model}
          logs={logs}
          onSpan={(node) => {
            actions.change({ tab: 'waterfall' });
            actions.select(node, 'center');
          }}
        />
      </div>
    </div>
  );
}

/** What the filter looks in: the text, and attributes as they are typed. */
function textsOf(record: LogRecord): string[] {
  return [logText(record), ...record.attributes.map(pairText)];
}
