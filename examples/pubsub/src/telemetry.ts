import { type Span, SpanStatusCode } from '@opentelemetry/api';
import { start } from '@throughline/node';
import { IncomingMessage } from 'node:http';
import { parse } from 'node:path';
import { required } from './settings.ts';

// Imported before anything that is to be instrumented. All that a service knows of tracing is its agent.
const { OTEL_AGENT_URL } = required('OTEL_AGENT_URL');
const http = /^https?:/.test(OTEL_AGENT_URL);
process.env['OTEL_EXPORTER_OTLP_ENDPOINT'] = http ? OTEL_AGENT_URL : `http://${OTEL_AGENT_URL}`;
process.env['OTEL_EXPORTER_OTLP_PROTOCOL'] = http ? 'http/protobuf' : 'grpc';

/** `client`, `server` or `worker`. */
export const service = parse(process.argv[1] ?? '').name;

export const telemetry = start({
  ...(process.env['OTEL_SERVICE_NAME'] === undefined && { serviceName: service }),
  networkPhases: 'off',
  flushOnExit: false,
  instrumentations: {
    http: {
      // The server's spans are called what they were in the original: by their path.
      requestHook: (span, request) => {
        if (request instanceof IncomingMessage) span.updateName(pathOf(request));
      },
      ignoreIncomingRequestHook: (request) => pathOf(request) === '/stats',
    },
    // What Redis does is shown by spans of this example.
    ioredis: { enabled: false },
  },
});

export const pathOf = (request: IncomingMessage): string => request.url?.split('?')[0] ?? '/';

/** Marks `span` as failed because of `error`. */
export function failed(span: Span, error: unknown): void {
  const known = error instanceof Error ? error : new Error(String(error));
  span.recordException(known);
  span.setStatus({ code: SpanStatusCode.ERROR, message: known.message });
}
