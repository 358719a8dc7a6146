import { ROOT_CONTEXT, context, propagation, trace } from '@opentelemetry/api';
import { type IncomingMessage, type ServerResponse, createServer } from 'node:http';
import { type Answer, callBackend, closeConnections } from './call-backend.ts';
import { faultsOf } from './faults.ts';
import { serve } from './service.ts';
import { settings } from './settings.ts';
import { asError, failed, startTelemetry } from './telemetry.ts';

const { telemetry, log } = startTelemetry('frontend');
const tracer = trace.getTracer('frontend');

function handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const caller = settings.honourCaller ? propagation.extract(ROOT_CONTEXT, request.headers) : ROOT_CONTEXT;
  return context.with(caller, () =>
    tracer.startActiveSpan('incoming call', async (span) => {
      // For whoever wants to look at the trace of what they just asked.
      response.setHeader('trace-id', span.spanContext().traceId);
      try {
        const { body } = await backendCall(request.url ?? '/');
        response.writeHead(200, { 'content-type': 'text/plain' }).end(body);
      } catch (error) {
        failed(span, error);
        log.error(`backend call failed: ${asError(error).message}`);
        response.writeHead(502, { 'content-type': 'text/plain' }).end('the backend did not answer\n');
      } finally {
        span.end();
      }
    }),
  );
}

function backendCall(path: string): Promise<Answer> {
  return tracer.startActiveSpan('backend call', async (span) => {
    try {
      span.addEvent('making backend call');
      log.info('Sending request…');
      const answer = await callBackend(path, faultsOf(path));
      log.info(`got response: ${answer.status}`);
      if (answer.status >= 500) throw new Error(`the backend answered ${answer.status}`);
      return answer;
    } catch (error) {
      failed(span, error);
      throw error;
    } finally {
      span.end();
    }
  });
}

const server = createServer();
server.on('close', closeConnections);
serve({ server, port: settings.frontendPort, handle, telemetry, log });
