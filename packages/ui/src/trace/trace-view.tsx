import type { TraceId } from '@throughline/model';

export function TraceView({ traceId }: { traceId: TraceId }) {
  return <h1>Trace {traceId}</h1>;
}
