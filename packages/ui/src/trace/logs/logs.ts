import type { LogRecord } from '@throughline/query/api';
import { offsets, type TraceColumns } from '../columns.ts';

/** A trace's log records in order of time, and which belong to which node. */
export interface LogColumns {
  readonly records: readonly LogRecord[];
  /** By record: nanoseconds from the trace's origin. */
  readonly time: Float64Array;
  /** By record: its span's node, or -1. */
  readonly node: Int32Array;
  /** Records of node n are `of[at[n]]` to `of[at[n + 1] - 1]`. Those of no span stand behind the last node's. */
  readonly at: Uint32Array;
  readonly of: Int32Array;
}

export function logColumns(
  unordered: readonly LogRecord[],
  columns: TraceColumns,
  nodeOf: (id: string) => number,
): LogColumns {
  const timed = unordered.map((record) => ({ record, time: Number(timeOf(record) - columns.origin) }));
  timed.sort((a, b) => a.time - b.time);
  const node = Int32Array.from(timed, ({ record }) =>
    record.span_id === undefined ? -1 : nodeOf(record.span_id),
  );
  const owner = node.map((each) => (each < 0 ? columns.size : each));
  const at = offsets(owner, columns.size + 1);
  const next = at.slice();
  const of = new Int32Array(timed.length);
  owner.forEach((each, index) => (of[next[each]!++] = index));
  return {
    records: timed.map(({ record }) => record),
    time: Float64Array.from(timed, ({ time }) => time),
    node,
    at,
    of,
  };
}

/** When it happened, or, where its sender did not say, when it was seen. */
function timeOf(record: LogRecord): bigint {
  const time = BigInt(record.time);
  return time === 0n ? BigInt(record.observed_time) : time;
}

export type Severity = 'unspecified' | 'trace' | 'debug' | 'info' | 'warn' | 'error' | 'fatal';
export const severities: readonly Severity[] = [
  'unspecified',
  'trace',
  'debug',
  'info',
  'warn',
  'error',
  'fatal',
];

/** Other words that senders without numbers have for them. */
const synonyms: Readonly<Record<string, Severity>> = {
  information: 'info',
  warning: 'warn',
  critical: 'fatal',
};

/** OTLP's SeverityNumber in words: 1 to 4 are trace, 5 to 8 debug, and so on. Without a number its text counts. */
export function severityOf({
  severity,
  severity_text,
}: Pick<LogRecord, 'severity' | 'severity_text'>): Severity {
  const word = severity_text.toLowerCase();
  if (severity === 0) return severities.find((each) => each === word) ?? synonyms[word] ?? 'unspecified';
  return severities[Math.ceil(Math.min(Math.max(severity, 0), 24) / 4)] ?? 'unspecified';
}

/** The body as one text. */
export function logText({ body, event_name }: Pick<LogRecord, 'body' | 'event_name'>): string {
  if (body === null || body === undefined || body === '') return event_name;
  return typeof body === 'string' ? body : JSON.stringify(body);
}
