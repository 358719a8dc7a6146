import { millisOfNanos } from '../../design/format-time.ts';
import { around, type LogsState } from '../../logs/logs-state.ts';
import type { TraceModel } from '../model.ts';

const marginMs = 60_000;

/** The list of the trace's log records, or of one span's: in their order, over all of the time that they take. */
export function logsOfTrace({ summary, logs }: TraceModel, spanId?: string): LogsState {
  const start = millisOfNanos(summary.start);
  const times = logs.records.map(({ time }) => millisOfNanos(time));
  const end = start + summary.duration / 1e6;
  return {
    trace: summary.trace_id,
    span: spanId,
    ...around(Math.min(start, times[0] ?? start), Math.max(end, times.at(-1) ?? end), marginMs),
    order: 'oldest',
  };
}
