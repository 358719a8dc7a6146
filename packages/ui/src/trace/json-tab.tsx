import { Anchor, Button, Group, Text } from '@mantine/core';
import type { TraceId } from '@throughline/model';
import { useQuery } from '@tanstack/react-query';
import { useVirtualizer } from '@tanstack/react-virtual';
import { useRef, useState } from 'react';
import { apiUrl, get } from '../api/client.ts';
import { CopyButton } from '../design/copy-button.tsx';
import { ErrorNotice } from '../design/error-notice.tsx';
import { Pending } from '../design/pending.tsx';
import classes from './json-tab.module.css';

/** With more spans than this the JSON is loaded only when asked for. */
const manySpans = 5_000;
const lineHeight = 18;
/** Browsers cannot scroll through an element much taller than this many lines. */
const mostLines = 500_000;

/** The trace as the API answers it. */
export function JsonTab({ traceId, spans }: { traceId: TraceId; spans: number }) {
  const [wanted, setWanted] = useState(spans <= manySpans);
  const { data, error, refetch } = useQuery({
    queryKey: ['trace json', traceId],
    queryFn: async ({ signal }) =>
      JSON.stringify(await get(`traces/${traceId}`, {}, signal), null, 2).split('\n'),
    enabled: wanted,
    structuralSharing: false,
    gcTime: 0,
  });
  const download = (
    <Anchor href={apiUrl(`traces/${traceId}`).href} download={`trace-${traceId}.json`} size="sm">
      Download
    </Anchor>
  );
  if (!wanted) {
    return (
      <div className={classes.many}>
        <Text>
          This trace has {spans.toLocaleString('en')} spans, about{' '}
          {Math.ceil(spans / 1_200).toLocaleString('en')} MB of JSON.
        </Text>
        <Group>
          <Button variant="default" onClick={() => setWanted(true)}>
            Show it here
          </Button>
          {download}
        </Group>
      </div>
    );
  }
  if (error) return <ErrorNotice error={error} onRetry={() => void refetch()} />;
  if (!data) return <Pending label="Loading the JSON…" />;
  return (
    <div className={classes.tab}>
      <Group gap="sm" className={classes.bar}>
        <Text size="xs" c="dimmed">
          {data.length > mostLines && `The first ${mostLines.toLocaleString('en')} of `}
          {data.length.toLocaleString('en')} lines
        </Text>
        {spans <= manySpans && <CopyButton text={data.join('\n')} label="Copy JSON" />}
        {download}
      </Group>
      <Lines lines={data} />
    </div>
  );
}

/** Keys in another colour than values. */
function Line({ text }: { text: string }) {
  const [, indent, key, rest] = /^(\s*)("(?:[^"\\]|\\.)*"):(.*)$/.exec(text) ?? [];
  if (key === undefined) return text;
  return (
    <>
      {indent}
      <span className={classes.key}>{key}</span>:{rest}
    </>
  );
}

function Lines({ lines }: { lines: readonly string[] }) {
  const scroller = useRef<HTMLElement>(null);
  // oxlint-disable-next-line react/incompatible-library
  const virtual = useVirtualizer({
    count: Math.min(lines.length, mostLines),
    getScrollElement: () => scroller.current,
    estimateSize: () => lineHeight,
    overscan: 30,
  });
  return (
    // A scrollable area must be reachable by key.
    // oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex
    <section ref={scroller} className={classes.scroller} tabIndex={0} aria-label="JSON">
      <div className={classes.lines} style={{ height: virtual.getTotalSize() }}>
        {virtual.getVirtualItems().map((item) => (
          <div key={item.key} className={classes.line} style={{ transform: `translateY(${item.start}px)` }}>
            <span className={classes.number}>{item.index + 1}</span>
            <Line text={lines[item.index] ?? ''} />
          </div>
        ))}
      </div>
    </section>
  );
}
