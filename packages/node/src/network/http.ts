import type { Span } from '@opentelemetry/api';
import { errorMonitor } from 'node:events';
import type { ClientRequest, IncomingMessage } from 'node:http';
import { type NetworkPhases, NetworkTrace } from './network-trace.ts';
import { connectionOf } from './sockets.ts';

/**
 * Follows `request` until its answer has been read. Must be called in the turn that made the request. The function it
 * returns is to be told the answer, as soon as there is one. All listeners are put before those of others, so that no
 * phase outlives a span that they end.
 */
export function traceRequest(
  request: ClientRequest,
  parent: Span,
  mode: Exclude<NetworkPhases, 'off'>,
): (answer: IncomingMessage) => void {
  const host = String(request.getHeader('host') ?? request.host);
  const network = new NetworkTrace({ parent, mode, host, headersSent: () => request.headersSent });
  let answer: IncomingMessage | undefined;
  request.prependOnceListener('socket', (socket) =>
    network.assigned(socket, connectionOf(socket), request.reusedSocket),
  );
  request.prependOnceListener('finish', () => network.requestWritten());
  request.prependOnceListener(errorMonitor, (error: Error) => network.failed(error));
  request.prependOnceListener('close', () => {
    if (answer?.errored) network.failed(answer.errored);
    else if (!answer && upgraded(request)) network.received();
    else if (!answer) network.failed(new Error('closed before an answer came'));
  });
  return (response) => {
    answer = response;
    network.firstByte();
    response.prependOnceListener('end', () => network.received());
    response.prependOnceListener('close', () => {
      if (response.errored) network.failed(response.errored);
      else network.finished();
    });
  };
}

/** The answer to a request for another protocol goes to the request's own field only. */
const upgraded = (request: ClientRequest): boolean => 'res' in request && Boolean(request.res);
