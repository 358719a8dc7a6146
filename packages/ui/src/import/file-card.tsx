import { Anchor, Button, Loader, Text } from '@mantine/core';
import { IconAlertTriangle, IconCircleCheck, IconCircleMinus, IconClock } from '@tabler/icons-react';
import type { ImportResult } from '@throughline/query/api';
import { Link } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { ApiProblem } from '../api/client.ts';
import { countOf, formatCount } from '../design/format-count.ts';
import { millisOfNanos } from '../design/format-time.ts';
import { around } from '../logs/logs-state.ts';
import classes from './import.module.css';
import { sizeText, type ImportedFile } from './imports.ts';

const formatNames = { otlp: 'OTLP', jaeger: 'Jaeger', zipkin: 'Zipkin', throughline: 'Throughline' } as const;

/** A file and what has become of it. */
export function FileCard({ file, onCancel }: { file: ImportedFile; onCancel: () => void }) {
  const { outcome } = file;
  const formats = outcome.state === 'done' ? outcome.result.formats.map((format) => formatNames[format]) : [];
  return (
    <li className={classes.file} data-state={outcome.state}>
      <span className={classes.mark}>{markOf(file)}</span>
      <div className={classes.what}>
        <div className={classes.title}>
          <b>{file.name}</b>
          <Text span size="xs" c="dimmed">
            {[sizeText(file.bytes), ...formats].join(' · ')}
          </Text>
        </div>
        <Outcome file={file} />
      </div>
      {outcome.state === 'reading' && (
        <Button size="compact-sm" variant="default" onClick={onCancel}>
          Cancel
        </Button>
      )}
    </li>
  );
}

function markOf({ outcome }: ImportedFile): ReactNode {
  switch (outcome.state) {
    case 'waiting':
      return <IconClock size={18} stroke={1.6} aria-hidden />;
    case 'reading':
      return <Loader size={16} aria-hidden />;
    case 'cancelled':
      return <IconCircleMinus size={18} stroke={1.6} aria-hidden />;
    case 'failed':
      return <IconAlertTriangle size={18} stroke={1.6} color="var(--error-mark)" aria-hidden />;
    case 'done':
      return outcome.result.problem_count > 0 ? (
        <IconAlertTriangle size={18} stroke={1.6} color="var(--warn-mark)" aria-hidden />
      ) : (
        <IconCircleCheck size={18} stroke={1.6} color="var(--ok-mark)" aria-hidden />
      );
  }
}

function Outcome({ file: { outcome } }: { file: ImportedFile }) {
  switch (outcome.state) {
    case 'waiting':
      return (
        <Text size="sm" c="dimmed">
          Waits for its turn
        </Text>
      );
    case 'reading':
      return (
        <Text size="sm" c="dimmed" component="output">
          Reading…
        </Text>
      );
    case 'cancelled':
      return (
        <Text size="sm" c="dimmed">
          Cancelled; what was read before is stored
        </Text>
      );
    case 'failed':
      return <Failure error={outcome.error} />;
    case 'done':
      return <Result result={outcome.result} />;
  }
}

function Failure({ error }: { error: Error }) {
  const [title, detail] =
    error instanceof ApiProblem ? [titleOf(error), error.detail] : ['It could not be read', error.message];
  return (
    <div role="alert" className={classes.failure}>
      <Text size="sm" fw={500}>
        {title}
      </Text>
      {detail && (
        <Text size="sm" className={classes.said ?? ''}>
          {detail}
        </Text>
      )}
    </div>
  );
}

/** What the server calls a wrong request is, for whoever dropped it, a file. */
function titleOf({ status, title }: ApiProblem): string {
  return status === 400 ? 'Nothing in it could be used' : title;
}

function Result({ result }: { result: ImportResult }) {
  const { spans, logs, unused_documents, trace_count, problem_count } = result;
  const known = [
    ...(result.known_spans > 0 ? [countOf(result.known_spans, 'span')] : []),
    ...(result.known_logs > 0 ? [countOf(result.known_logs, 'log record')] : []),
  ];
  const found = [
    ...(trace_count > 0 ? [countOf(trace_count, 'trace')] : []),
    ...(spans > 0 ? [countOf(spans, 'span')] : []),
    ...(logs > 0 ? [countOf(logs, 'log record')] : []),
  ];
  return (
    <>
      <Text size="sm" component="output">
        {found.length + known.length === 0
          ? 'There are no spans and no log records in it'
          : found.join(', ') || 'Nothing new'}
        {result.log_start !== undefined && result.log_end !== undefined && (
          <>
            {' · '}
            <LogsLink start={result.log_start} end={result.log_end} />
          </>
        )}
      </Text>
      {known.length > 0 && (
        <Text size="sm" c="dimmed">
          {known.join(' and ')} {spans + logs > 0 && 'more '}
          {known.length === 1 && /^1 /.test(known[0]!) ? 'was' : 'were'} stored already: not added again
        </Text>
      )}
      {unused_documents > 0 && (
        <Text size="sm" c="dimmed">
          {countOf(unused_documents, 'document')} of metrics or profiles left out
        </Text>
      )}
      {!result.stored && (
        <Text size="sm" fw={500}>
          Safe, but not searchable yet: it waits for the store
        </Text>
      )}
      {problem_count > 0 && <Problems result={result} />}
    </>
  );
}

function LogsLink({ start, end }: { start: string; end: string }) {
  const period = around(millisOfNanos(start), millisOfNanos(end), 1_000);
  return (
    <Anchor renderRoot={(props) => <Link {...props} to="/logs" search={period} />}>
      Show the log records
    </Anchor>
  );
}

function Problems({ result: { problems, problem_count } }: { result: ImportResult }) {
  return (
    <details className={classes.problems} open={problem_count <= 5}>
      <summary>
        {countOf(problem_count, 'problem')}
        {problem_count > problems.length ? `, the first ${formatCount(problems.length)} of them` : ''}: what
        could not be used was left out
      </summary>
      <ol>
        {problems.map(({ place, message }, n) => (
          <li key={n}>
            {place !== '' && <code>{place}</code>} {message}
          </li>
        ))}
      </ol>
    </details>
  );
}
