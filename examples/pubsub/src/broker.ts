import { trace } from '@opentelemetry/api';
import { type Subscription, publish, subscribe } from '@throughline/node';
import type { Redis } from 'ioredis';
import { failed } from './telemetry.ts';
import { connectTo, withConnection, written } from './redis.ts';

const channel = 'work';
const tracer = trace.getTracer('pkg');

/**
 * Sends `body` to whoever works. Redis has no headers, so that the message is an envelope with both, as the original
 * makes it in Go: `{"Body":"hello, world","Header":{"Traceparent":["00-…-01"]}}`. Baggage goes along where
 * THROUGHLINE_MESSAGING_BAGGAGE=on says so.
 */
export function send(redis: Redis, body: string): Promise<number> {
  const traced = {
    publish: (to: string, message: string | Buffer) =>
      withConnection(redis, () => redis.publish(to, message)),
  };
  return publish(traced, channel, body, { envelope: 'go', name: 'broker publish', tracer });
}

/** Hands each message to `handle`, in a span that belongs to whoever sent it, whatever form its context came in. */
export function receive(url: string, handle: (body: string) => Promise<void>): Promise<Receiving> {
  return tracer.startActiveSpan('broker subscribe', async (span) => {
    try {
      const redis = await connectTo(url);
      const subscription = await written(() => subscribe(redis, channel, handle, { name: channel, tracer }));
      return { redis, subscription };
    } catch (error) {
      failed(span, error);
      throw error;
    } finally {
      span.end();
    }
  });
}

interface Receiving {
  readonly redis: Redis;
  readonly subscription: Subscription;
}
