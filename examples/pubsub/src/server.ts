import { pathOf, telemetry } from './telemetry.ts';
import { propagation, context, trace } from '@opentelemetry/api';
import { type IncomingMessage, type ServerResponse, createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { send } from './broker.ts';
import { log } from './log.ts';
import { connectTo } from './redis.ts';
import { giveUp, required, settings } from './settings.ts';
import { UnderWay, onStop } from './stop.ts';

const { REDIS_URL } = required('REDIS_URL');
const tracer = trace.getTracer('server');
const underWay = new UnderWay();
const redis = await connectTo(REDIS_URL);

const server = createServer((request, response) => {
  const path = pathOf(request);
  if (path === '/stats') answer(response, 200, JSON.stringify(telemetry.stats()));
  else if (path === '/hello') void underWay.add(hello(request, response));
  else answer(response, 404, 'there is only /hello');
});

async function hello(_request: IncomingMessage, response: ServerResponse): Promise<void> {
  // For whoever wants to look at the trace of what they just asked.
  const { traceId = '' } = trace.getActiveSpan()?.spanContext() ?? {};
  response.setHeader('trace-id', traceId);
  await delay(settings.pauseMs);
  const body = 'hello, world';
  try {
    await tracer.startActiveSpan('handle request', async (span) => {
      try {
        const username = propagation.getBaggage(context.active())?.getEntry('username')?.value ?? '';
        span.setAttribute('body', body);
        span.addEvent('reading username baggage...', { username });
        await send(redis, body);
      } finally {
        span.end();
      }
    });
    answer(response, 200, body);
  } catch (error) {
    log.error(`nobody was told: ${(error as Error).message}`);
    answer(response, 500, 'the message could not be sent');
  }
}

function answer(response: ServerResponse, status: number, body: string): void {
  response.writeHead(status, { 'content-type': 'text/plain' }).end(body);
}

server.on('error', (error) => giveUp(error.message));
server.listen(settings.serverPort, '127.0.0.1', () => {
  log.info(`listening on port ${(server.address() as AddressInfo).port}`);
});
onStop(async () => {
  server.close();
  server.closeIdleConnections();
  await underWay.finished();
  redis.disconnect();
});
