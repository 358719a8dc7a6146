import type { LogRecord } from '@throughline/query/api';
import type { UrlSearch } from '../shell/url-search.ts';

/**
 * Where a record's trace is shown: at its span, with log records among the spans, so that it stands at its time; or
 * in the list of the trace's records where it names no span. Undefined for a record of no trace.
 */
export function traceLink({ trace_id, span_id }: Pick<LogRecord, 'trace_id' | 'span_id'>) {
  if (trace_id === undefined) return undefined;
  const search: UrlSearch =
    span_id === undefined ? { tab: 'logs' } : { span: span_id, panel: 'side', logs: 'rows' };
  return { to: '/trace/$traceId', params: { traceId: trace_id }, search } as const;
}
