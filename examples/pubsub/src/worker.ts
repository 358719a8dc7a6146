import './telemetry.ts';
import { context, propagation, trace } from '@opentelemetry/api';
import { setTimeout as delay } from 'node:timers/promises';
import { receive } from './broker.ts';
import { log } from './log.ts';
import { required, settings } from './settings.ts';
import { UnderWay, onStop } from './stop.ts';
import { untilListening } from './until.ts';

const { REDIS_URL } = required('REDIS_URL');
const underWay = new UnderWay();

/** Takes its time. Messages are worked on side by side. */
async function work(body: string): Promise<void> {
  const username = propagation.getBaggage(context.active())?.getEntry('username')?.value;
  if (username !== undefined) trace.getActiveSpan()?.addEvent('reading username baggage...', { username });
  await delay(settings.pauseMs);
  log.info(`worked on: ${body}`);
}

await untilListening('Redis', new URL(REDIS_URL));
const { redis, subscription } = await receive(REDIS_URL, (body) => underWay.add(work(body)));
log.info('listening');
onStop(async () => {
  await subscription.unsubscribe().catch(() => {});
  await underWay.finished();
  redis.disconnect();
});
