import type { LogRecord, Span, Trace } from '@throughline/query/api';
import type { SeenLog, SeenSpan, TelemetryReceiver } from './telemetry-receiver.ts';
import { Throughline } from './throughline.ts';

/** The program itself, asked through its query API. */
export async function throughlineReceiver(): Promise<TelemetryReceiver & { program: Throughline }> {
  const program = await Throughline.start();
  const api = new URL('/throughline/v1/', program.url('UI and API'));
  return {
    program,
    environment: { OTEL_EXPORTER_OTLP_ENDPOINT: program.url('OTLP/HTTP') },
    trace: async (traceId) => {
      const response = await fetch(new URL(`traces/${traceId}`, api));
      const body = await response.text();
      if (response.status === 404) return { spans: [], logs: [] };
      if (!response.ok) throw new Error(`${response.url} answered ${response.status}: ${body}`);
      const { spans, logs } = JSON.parse(body) as Trace;
      return { spans: spans.map(seenSpan), logs: logs.map(seenLog) };
    },
    close: async () => {
      await program.stop();
    },
  };
}

function seenSpan(span: Span): SeenSpan {
  const start = BigInt(span.start);
  return {
    service: span.service,
    traceId: span.trace_id,
    spanId: span.span_id,
    parentSpanId: span.parent_span_id,
    name: span.name,
    kind: span.kind,
    start,
    end: start + BigInt(span.duration),
    error: span.status === 'error',
    message: span.status_message,
    attributes: plain(span.attributes),
    remoteParent: (span.flags & 0x200) !== 0,
    events: span.events.map(({ name, time, attributes }) => ({
      name,
      time: BigInt(time),
      attributes: plain(attributes),
    })),
  };
}

function seenLog(log: LogRecord): SeenLog {
  return {
    service: log.service,
    traceId: log.trace_id ?? '',
    spanId: log.span_id ?? '',
    time: BigInt(log.time),
    severity: log.severity,
    attributes: plain(log.attributes),
    body: typeof log.body === 'string' ? log.body : JSON.stringify(log.body),
  };
}

const plain = (attributes: Span['attributes']): Record<string, unknown> =>
  Object.fromEntries(attributes.map(({ key, value }) => [key, value]));
