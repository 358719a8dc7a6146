import { Button, Text } from '@mantine/core';
import { IconFileImport } from '@tabler/icons-react';
import type { TraceSummary } from '@throughline/query/api';
import { useNavigate } from '@tanstack/react-router';
import { useEffect, useMemo } from 'react';
import { countOf, formatCount } from '../design/format-count.ts';
import { TraceList } from '../search/trace-list.tsx';
import { FileCard } from './file-card.tsx';
import classes from './import.module.css';
import { tracesOf, type ImportedFile } from './imports.ts';
import { useFilePicker } from './use-file-picker.tsx';
import { useImports } from './use-imports.tsx';

/** The files that were opened, what was wrong with them, and the traces in them. */
export function ImportPage() {
  const { files, cancel } = useImports();
  const { pick, input } = useFilePicker();
  const navigate = useNavigate();
  const traces = useMemo(() => tracesOf(files), [files]);
  useEffect(() => {
    document.title = 'Import · Throughline';
  }, []);
  const open = ({ trace_id }: TraceSummary) =>
    void navigate({ to: '/trace/$traceId', params: { traceId: trace_id }, search: {} });
  const button = (
    <Button leftSection={<IconFileImport size={15} />} onClick={pick}>
      Choose files
    </Button>
  );
  if (files.length === 0) {
    return (
      <div className={classes.empty}>
        <h1 className={classes.heading}>Open files of traces and logs</h1>
        <Text size="sm" c="dimmed" maw={560}>
          Drop them anywhere on this page, or choose them. What is in them is stored with everything else,
          however old it is.
        </Text>
        {button}
        {input}
        <Formats />
      </div>
    );
  }
  return (
    <div className={classes.page}>
      <header className={classes.head}>
        <h1 className={classes.heading}>Import</h1>
        {button}
        {input}
      </header>
      <ul className={classes.files} aria-label="Files" data-alone={traces.length === 0 || undefined}>
        {files.map((file) => (
          <FileCard key={file.id} file={file} onCancel={cancel} />
        ))}
      </ul>
      {traces.length > 0 && (
        <section className={classes.traces} aria-label="Imported traces">
          <Text component="h2" size="sm" fw={600} className={classes.count ?? ''}>
            {countOf(traces.length, 'trace')}
            <Text span c="dimmed" fw={400}>
              {notListed(files, traces.length)}
            </Text>
          </Text>
          <TraceList
            traces={traces}
            showMatched={false}
            initial={undefined}
            onOpen={open}
            onEnd={() => {}}
            footer={null}
          />
        </section>
      )}
    </div>
  );
}

/** Of very many traces in a file the first are listed. */
function notListed(files: readonly ImportedFile[], listed: number): string {
  const results = files.flatMap(({ outcome }) => (outcome.state === 'done' ? [outcome.result] : []));
  const cut = results.filter((result) => result.trace_count > result.traces.length);
  if (cut.length === 0) return '';
  const all = results.reduce((sum, result) => sum + result.trace_count, 0);
  return ` of ${formatCount(Math.max(all, listed))}: search finds the others`;
}

function Formats() {
  return (
    <dl className={classes.formats}>
      <dt>OTLP</dt>
      <dd>
        JSON of an export request, or JSON lines as the Collector&rsquo;s file exporter writes them: traces
        and logs
      </dd>
      <dt>Jaeger</dt>
      <dd>JSON as its UI downloads it and its API answers</dd>
      <dt>Zipkin</dt>
      <dd>JSON of version 2 or 1</dd>
      <dt>Throughline</dt>
      <dd>a trace as it is downloaded here</dd>
      <dt>Each</dt>
      <dd>also in gzip; a document up to 256 MiB, lines without a limit</dd>
    </dl>
  );
}
