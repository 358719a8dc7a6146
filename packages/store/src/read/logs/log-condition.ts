import type { Engine } from '../../engine/engine.ts';
import type { Bound } from '../bound.ts';
import type { LogQuery } from './log-query.ts';
import { attributeConditions } from '../search/span-condition.ts';
import type { ReadOptions } from '../trace-store.ts';

/** Writes what a query asks of a log record, but for its time, as SQL over the table of logs; '1' if nothing. */
export type LogCondition = (bound: Bound) => string;

/** The words for ranges of four severity numbers: 1 to 4 are trace. Source: OpenTelemetry's logs data model. */
const words = [
  ['TRACE'],
  ['DEBUG'],
  ['INFO', 'INFORMATION'],
  ['WARN', 'WARNING'],
  ['ERROR'],
  ['FATAL', 'CRITICAL'],
];

export async function logCondition(
  engine: Engine,
  query: LogQuery,
  options: ReadOptions = {},
): Promise<LogCondition> {
  const attributes = await attributeConditions(engine, 'log', query.conditions, options);
  return (bound) => {
    const all = [
      query.traceId !== undefined && `trace_id = ${bound.traceId(query.traceId)}`,
      query.spanId !== undefined && `span_id = ${bound.spanId(query.spanId)}`,
      query.service !== undefined && `service = ${bound.string(query.service)}`,
      query.minSeverity !== undefined && atLeast(query.minSeverity, bound),
      ...attributes(bound),
      query.text !== undefined && query.text !== '' && anyText(query.text, bound),
    ].filter((part) => typeof part === 'string');
    return all.length === 0 ? '1' : all.join(' AND ');
  };
}

/** SQL: the record is at least as severe as the number, or its text says so where it has none. */
export function atLeast(severity: number, bound: Bound): string {
  const first = Math.floor((severity - 1) / 4);
  const named = bound.value('Array(String)', words.slice(first).flat());
  const number = bound.value('UInt8', severity);
  return `(severity >= ${number} OR (severity = 0 AND upper(severity_text) IN ${named}))`;
}

/** A body that is not a text has its texts within its bytes, as they are. */
function anyText(text: string, bound: Bound): string {
  const found = (column: string) => `positionCaseInsensitiveUTF8(${column}, ${bound.string(text)}) > 0`;
  return `(${['body_text', 'body', 'event_name'].map(found).join(' OR ')})`;
}
