import { type AnyValueMap, SeverityNumber, logs } from '@opentelemetry/api-logs';
import type { HrTime } from '@opentelemetry/api';
import { fineNow } from '../clock.ts';
import { version } from '../version.ts';

/** Anything that a logger can write its lines to. */
export interface LogStream {
  write(line: string): void;
}

const severities: Record<string, SeverityNumber> = {
  trace: SeverityNumber.TRACE,
  debug: SeverityNumber.DEBUG,
  info: SeverityNumber.INFO,
  warn: SeverityNumber.WARN,
  error: SeverityNumber.ERROR,
  fatal: SeverityNumber.FATAL,
};
const pinoLevels: Record<number, string> = {
  10: 'trace',
  20: 'debug',
  30: 'info',
  40: 'warn',
  50: 'error',
  60: 'fatal',
};
const ownFields = [
  'level',
  'time',
  'msg',
  'message',
  'pid',
  'hostname',
  'trace_id',
  'span_id',
  'trace_flags',
];

/**
 * Sends each JSON line written to it as an OTLP log record, in the context it is written in: what pino, or any logger
 * of such lines, needs to be seen inside the trace. `level` is a name or one of pino's numbers, `time` milliseconds
 * since 1970 or an ISO date, `msg` or `message` the body, all else an attribute. A line that is not JSON is the body.
 */
export function otlpLogStream(): LogStream {
  const logger = logs.getLogger('@throughline/node', version);
  return { write: (line) => logger.emit(recordOf(line)) };
}

function recordOf(line: string): Parameters<ReturnType<typeof logs.getLogger>['emit']>[0] {
  const fields = parse(line);
  if (!fields) return { body: line.trimEnd() };
  const level = pinoLevels[Number(fields['level'])] ?? text(fields['level']);
  const timestamp = timeOf(fields['time']);
  return {
    body: text(fields['msg'] ?? fields['message']),
    severityNumber: severities[level.toLowerCase()] ?? SeverityNumber.UNSPECIFIED,
    severityText: level.toUpperCase(),
    ...(timestamp && { timestamp }),
    attributes: Object.fromEntries(
      Object.entries(fields).filter(([key]) => !ownFields.includes(key)),
    ) as AnyValueMap,
  };
}

function parse(line: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(line);
    return typeof value === 'object' && value !== null && !Array.isArray(value)
      ? (value as Record<string, unknown>)
      : undefined;
  } catch {
    return undefined;
  }
}

function text(value: unknown): string {
  if (value === undefined) return '';
  return typeof value === 'string' ? value : JSON.stringify(value);
}

/** A logger's milliseconds would put a line before the span it was written in; a line of just now is of now. */
function timeOf(time: unknown): Date | HrTime | undefined {
  if (typeof time !== 'number' && typeof time !== 'string') return undefined;
  const date = new Date(time);
  if (Number.isNaN(date.getTime())) return undefined;
  const ageMs = Date.now() - date.getTime();
  return ageMs >= 0 && ageMs < 20 ? fineNow() : date;
}
