import type { Span } from '@opentelemetry/api';
import type { Instrumentation } from '@opentelemetry/instrumentation';
import { HttpInstrumentation, type HttpInstrumentationConfig } from '@opentelemetry/instrumentation-http';
import { ClientRequest, IncomingMessage } from 'node:http';
import { traceRequest } from '../network/http.ts';
import type { NetworkPhases } from '../network/network-trace.ts';

/** node:http and node:https, with the network's phases below each request that goes out. */
export function instrumentHttp(
  phases: NetworkPhases,
  config: HttpInstrumentationConfig = {},
): Instrumentation {
  if (phases === 'off') return new HttpInstrumentation(config);
  const answered = new WeakMap<Span, (response: IncomingMessage) => void>();
  return new HttpInstrumentation({
    ...config,
    requestHook: (span, request) => {
      if (span.isRecording() && request instanceof ClientRequest)
        answered.set(span, traceRequest(request, span, phases));
      config.requestHook?.(span, request);
    },
    responseHook: (span, response) => {
      if (response instanceof IncomingMessage) answered.get(span)?.(response);
      config.responseHook?.(span, response);
    },
  });
}
