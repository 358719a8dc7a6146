import { ROOT_CONTEXT, propagation, trace } from '@opentelemetry/api';
import { readFileSync } from 'node:fs';
import { type IncomingMessage, type ServerResponse, type Server, createServer } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import { setTimeout as delay } from 'node:timers/promises';
import { createSecureContext } from 'node:tls';
import { faultsOf } from './faults.ts';
import { serve } from './service.ts';
import { settings } from './settings.ts';
import { failed, startTelemetry } from './telemetry.ts';

const { telemetry, log } = startTelemetry('backend');
const tracer = trace.getTracer('backend');

/** The span ends when the answer is ready; how long the answer then takes on its way is the network's time. */
async function handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const { handlerMs, bodyMs, fail } = faultsOf(request.url);
  const attributes = { 'http.url': request.url ?? '/' };
  const caller = propagation.extract(ROOT_CONTEXT, request.headers);
  await tracer.startActiveSpan('backend call received', { attributes }, caller, async (span) => {
    span.addEvent('handling backend call');
    log.info('backend call received');
    await delay(handlerMs);
    if (fail === 'reset') {
      failed(span, new Error('breaks the connection off'));
      span.end();
      request.socket.resetAndDestroy();
      return;
    }
    span.end();
    response.writeHead(200, { 'content-type': 'text/plain' });
    response.write('hello from ');
    await delay(bodyMs);
    response.end('the backend\n');
  });
}

function withOrWithoutTls(): Server {
  const { cert, key } = settings.tls;
  if (!cert || !key) return createServer();
  const pem = { cert: readFileSync(cert), key: readFileSync(key) };
  const secureContext = createSecureContext(pem);
  const SNICallback = (_name: string, done: (error: null, context: typeof secureContext) => void): void => {
    setTimeout(() => done(null, secureContext), settings.slow.tlsMs);
  };
  return createTlsServer({ ...pem, SNICallback });
}

const server = withOrWithoutTls();
// So that now and then a request needs a new connection, and the trace shows what that takes.
server.maxRequestsPerSocket = 5;
serve({ server, port: settings.backendPort, handle, telemetry, log });
