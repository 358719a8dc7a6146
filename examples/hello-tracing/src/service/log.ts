import { otlpLogStream, traceFields } from '@throughline/node';
import { pino } from 'pino';
import { levelFor } from './filter.ts';
import { spansHere } from './spans.ts';

/**
 * One JSON object a line: timestamp, level, message and what the line says besides; target, the innermost span and all
 * spans from the outermost, and the ids that lead to the trace. Each is also sent as a log record.
 */
const root = pino(
  {
    base: null,
    messageKey: 'message',
    level: 'trace',
    timestamp: () => `,"timestamp":"${new Date().toISOString()}"`,
    formatters: { level: (label) => ({ level: label.toUpperCase() }) },
    mixin: () => ({ ...namesOfSpans(), ...traceFields() }),
  },
  pino.multistream([
    { level: 'trace', stream: process.stdout },
    { level: 'trace', stream: otlpLogStream() },
  ]),
);

export type Log = pino.Logger;

/** For one part of the program, filtered as LOG_FILTER says (RUST_LOG, to who knows the original). */
export function logOf(target: string): Log {
  const filter = process.env['LOG_FILTER'] ?? process.env['RUST_LOG'] ?? 'info';
  return root.child({ target }, { level: levelFor(target, filter) });
}

function namesOfSpans(): object {
  const spans = spansHere();
  if (spans.length === 0) return {};
  const { trace_id } = traceFields();
  const [outermost, ...rest] = spans;
  return { span: spans.at(-1), spans: [{ ...outermost, ...(trace_id && { trace_id }) }, ...rest] };
}
