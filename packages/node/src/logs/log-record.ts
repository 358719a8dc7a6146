import { type AnyValueMap, type LogRecord, SeverityNumber } from '@opentelemetry/api-logs';

const severities: Record<string, SeverityNumber> = {
  trace: SeverityNumber.TRACE,
  debug: SeverityNumber.DEBUG,
  info: SeverityNumber.INFO,
  warn: SeverityNumber.WARN,
  warning: SeverityNumber.WARN,
  error: SeverityNumber.ERROR,
  fatal: SeverityNumber.FATAL,
  critical: SeverityNumber.FATAL,
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
  'severity',
  'time',
  'timestamp',
  'msg',
  'message',
  'pid',
  'hostname',
  'trace_id',
  'span_id',
  'trace_flags',
];

/** A log line's JSON object; undefined where it is none. */
export function parseLine(line: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(line);
    return typeof value === 'object' && value !== null && !Array.isArray(value)
      ? (value as Record<string, unknown>)
      : undefined;
  } catch {
    return undefined;
  }
}

/** The record of a line with these fields; one without a level of its own has `level`. */
export function recordOf(fields: Record<string, unknown>, level = ''): LogRecord {
  const given = fields['level'] ?? fields['severity'];
  const name = given === undefined ? level : (pinoLevels[Number(given)] ?? text(given));
  const timestamp = timeOf(fields['time'] ?? fields['timestamp']);
  return {
    body: text(fields['msg'] ?? fields['message']),
    severityNumber: severities[name.toLowerCase()] ?? SeverityNumber.UNSPECIFIED,
    severityText: name.toUpperCase(),
    ...(timestamp && { timestamp }),
    attributes: Object.fromEntries(
      Object.entries(fields).filter(([key]) => !ownFields.includes(key)),
    ) as AnyValueMap,
  };
}

function text(value: unknown): string {
  if (value === undefined) return '';
  return typeof value === 'string' ? value : JSON.stringify(value);
}

function timeOf(time: unknown): Date | undefined {
  if (typeof time !== 'number' && typeof time !== 'string') return undefined;
  const date = new Date(time);
  return Number.isNaN(date.getTime()) ? undefined : date;
}
