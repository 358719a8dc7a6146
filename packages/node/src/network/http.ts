import type { Span } from '@opentelemetry/api';
import { errorMonitor } from 'node:events';
import type { ClientRequest, IncomingMessage } from 'node:http';
import { type NetworkPhases, NetworkTrace } from './network-trace.ts';
import { connectionOf } from './sockets.ts';

/**
 * Follows `request` until its answer has been read. Must be called in the turn that made the request; the answer is
 * told by {@link traceResponse}.
 */
export function traceRequest(
  request: ClientRequest,
  parent: Span,
  mode: Exclude<NetworkPhases, 'off'>,
): NetworkTrace {
  const network = new NetworkTrace({
    parent,
    mode,
    host: String(request.getHeader('host') ?? request.host),
    headersSent: () => request.headersSent,
  });
  request.prependOnceListener('socket', (socket) =>
    network.assigned(socket, connectionOf(socket), request.reusedSocket),
  );
  request.prependOnceListener('finish', () => network.requestWritten());
  request.prependOnceListener(errorMonitor, (error: Error) => network.failed(error));
  request.prependOnceListener('close', () => {
    if (!network.answered) network.failed(new Error('closed before an answer came'));
  });
  for (const event of ['upgrade', 'connect'] as const) {
    if (request.listenerCount(event) > 0) request.prependOnceListener(event, () => network.received());
  }
  return network;
}

/** The answer's head has arrived; the listeners are put before all others, so that no phase outlives its parent. */
export function traceResponse(network: NetworkTrace, response: IncomingMessage): void {
  network.firstByte();
  response.prependOnceListener('end', () => network.received());
  response.prependOnceListener(errorMonitor, (error: Error) => network.failed(error));
  response.prependOnceListener('close', () => {
    if (response.complete) network.finished();
    else network.failed(new Error('closed before the whole answer came'));
  });
}
