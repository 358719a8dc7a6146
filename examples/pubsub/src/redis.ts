import { type Attributes, trace } from '@opentelemetry/api';
import { Redis } from 'ioredis';
import { log } from './log.ts';
import { failed } from './telemetry.ts';
import { untilListening } from './until.ts';

const tracer = trace.getTracer('redis');

/**
 * A connection to the Redis at `url`, once that answers. It is made anew when it is lost; what is asked meanwhile fails
 * at once instead of waiting for that. The opening is a span where one is active.
 */
export async function connectTo(url: string): Promise<Redis> {
  await untilListening('Redis', new URL(url));
  const redis = new Redis(url, {
    lazyConnect: true,
    enableOfflineQueue: false,
    maxRetriesPerRequest: 0,
    retryStrategy: (attempt) => Math.min(1000, 50 * attempt),
  });
  redis.on('error', (error: Error) => log.warn(`Redis: ${error.message}`));
  if (trace.getActiveSpan()) await step('redis.dial', { 'db.connection_string': url }, () => redis.connect());
  else await redis.connect();
  return redis;
}

/** What go-redis shows of a command: a connection is used, the command written to it, and the answer read. */
export function withConnection<T>(redis: Redis, command: () => Promise<T>): Promise<T> {
  const { host } = redis.options;
  return step('redis.with_conn', { 'net.peer.ip': host ?? '' }, () => written(command));
}

export async function written<T>(command: () => Promise<T>): Promise<T> {
  const answer = tracer.startActiveSpan('redis.with_writer', (span) => {
    try {
      return command();
    } finally {
      span.end();
    }
  });
  return step('redis.with_reader', {}, () => answer);
}

function step<T>(name: string, attributes: Attributes, act: () => Promise<T>): Promise<T> {
  return tracer.startActiveSpan(name, { attributes }, async (span) => {
    try {
      return await act();
    } catch (error) {
      failed(span, error);
      throw error;
    } finally {
      span.end();
    }
  });
}
