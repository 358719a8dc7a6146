import { type Span, trace } from '@opentelemetry/api';
import type { ClientRequest } from 'node:http';
import { networkPhasesFromEnv } from '../setup/settings.ts';
import { traceRequest } from './http.ts';
import type { NetworkPhases } from './network-trace.ts';

/**
 * Shows the network phases of a request of node:http or node:https under `parent`, by default the active span; for
 * code that makes the span of the request itself, with the `http` instrumentation disabled. Must be called in the turn
 * that made the request. Returns the request.
 */
export function traceNetwork(
  request: ClientRequest,
  parent: Span | undefined = trace.getActiveSpan(),
  phases: NetworkPhases = networkPhasesFromEnv(),
): ClientRequest {
  if (!parent?.isRecording() || phases === 'off') return request;
  const answered = traceRequest(request, parent, phases);
  request.prependOnceListener('response', (response) => {
    answered(response);
    // Node reads an answer that nobody listens for; with this listener it would not.
    if (request.listenerCount('response') === 0) response.resume();
  });
  return request;
}
