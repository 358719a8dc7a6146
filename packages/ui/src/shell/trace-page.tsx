import { parseTraceId } from '@throughline/model';
import { useParams } from '@tanstack/react-router';
import { ErrorNotice } from '../design/error-notice.tsx';
import { TraceView } from '../trace/trace-view.tsx';

export function TracePage() {
  const { traceId: text } = useParams({ from: '/trace/$traceId' });
  const traceId = parseTraceId(text);
  if (!traceId) {
    return (
      <ErrorNotice
        error={new Error(`“${text}” is not a trace id: those are 16 or 32 hexadecimal digits, not all zero.`)}
      />
    );
  }
  return <TraceView key={traceId} traceId={traceId} />;
}
