import { failed, telemetry } from './telemetry.ts';
import { SpanStatusCode, context, propagation, trace } from '@opentelemetry/api';
import { setTimeout as delay } from 'node:timers/promises';
import { log } from './log.ts';
import { required, settings } from './settings.ts';
import { untilListening } from './until.ts';

const { SERVER_URL } = required('SERVER_URL');
const tracer = trace.getTracer('client');

/** Begins as soon as the server is there. */
async function waitForServer(): Promise<void> {
  await tracer.startActiveSpan('wait for server', async (span) => {
    if (settings.blindWaitMs > 0) {
      await delay(settings.blindWaitMs);
      span.addEvent(`slept for ${settings.blindWaitMs / 1000} seconds, to wait for server to come up`);
    } else {
      const attempts = await untilListening('the server', new URL(SERVER_URL));
      span.addEvent(`tried ${attempts} times whether the server is up`);
    }
    span.end();
  });
}

async function makeRequest(): Promise<boolean> {
  const baggage = propagation.createBaggage({ username: { value: 'donuts' } });
  return context.with(propagation.setBaggage(context.active(), baggage), () =>
    tracer.startActiveSpan('make request', async (span) => {
      try {
        await delay(settings.pauseMs);
        const response = await fetch(SERVER_URL);
        const body = await response.text();
        span.addEvent(body);
        if (!response.ok) throw new Error(`the server answered ${response.status}: ${body}`);
        return true;
      } catch (error) {
        failed(span, error);
        log.error((error as Error).message);
        return false;
      } finally {
        span.end();
      }
    }),
  );
}

/** What a failure looks like. */
function failForOnce(): void {
  const span = tracer.startSpan('example error');
  span.recordException(new Error('example error'));
  span.setStatus({ code: SpanStatusCode.ERROR, message: 'fail entire span' });
  span.end();
}

await waitForServer();
let failures = 0;
for (let request = 0; request < settings.requests; request++) if (!(await makeRequest())) failures++;
failForOnce();
await telemetry.shutdown();
log.info({ spans: telemetry.stats() }, 'done');
process.exit(failures > 0 ? 1 : 0);
