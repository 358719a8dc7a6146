import { ActionIcon, Button, Text, Tooltip } from '@mantine/core';
import type { TraceId } from '@throughline/model';
import { IconCheck, IconDownload, IconShare2 } from '@tabler/icons-react';
import { useEffect, useState } from 'react';
import { apiUrl } from '../api/client.ts';
import { CopyButton, copyText } from '../design/copy-button.tsx';
import { useServiceColor } from '../design/use-service-color.tsx';
import { Facts } from './trace-facts.tsx';
import classes from './trace-header.module.css';
import type { TraceState } from './use-trace-state.ts';

interface HeaderProps {
  readonly state: TraceState;
  readonly traceId: TraceId;
  readonly link: () => string;
}

export function TraceHeader({ state, traceId, link }: HeaderProps) {
  const { summary } = state.model;
  const colorOf = useServiceColor();
  return (
    <header className={classes.header}>
      <div className={classes.title}>
        <span className={classes.pill} style={{ background: colorOf(summary.root_service) }} />
        <h1 className={classes.name} title={`${summary.root_service}: ${summary.root_operation}`}>
          <span className={classes.service}>{summary.root_service}</span> {summary.root_operation}
        </h1>
        {!summary.has_root && (
          <Text size="xs" c="var(--warn-mark)">
            root span not stored
          </Text>
        )}
        <Text size="xs" c="dimmed" className={`mono ${classes.id}`} title="Trace id">
          {traceId}
        </Text>
        <CopyButton text={traceId} label="Copy trace id" />
        <div className={classes.space} />
        <ShareButton link={link} />
        <Tooltip label="Download as JSON">
          <ActionIcon
            component="a"
            href={apiUrl(`traces/${traceId}`).href}
            download={`trace-${traceId}.json`}
            aria-label="Download as JSON"
          >
            <IconDownload size={16} />
          </ActionIcon>
        </Tooltip>
      </div>
      <Facts state={state} />
    </header>
  );
}

function ShareButton({ link }: { link: () => string }) {
  const [copied, setCopied] = useState(false);
  useEffect(() => {
    if (!copied) return;
    const timer = setTimeout(() => setCopied(false), 1500);
    return () => clearTimeout(timer);
  }, [copied]);
  return (
    <Tooltip label="Copy a link to exactly this view">
      <Button
        variant="default"
        size="compact-sm"
        leftSection={copied ? <IconCheck size={14} /> : <IconShare2 size={14} />}
        onClick={() => void copyText(link()).then(() => setCopied(true))}
      >
        {copied ? 'Link copied' : 'Share'}
      </Button>
    </Tooltip>
  );
}
