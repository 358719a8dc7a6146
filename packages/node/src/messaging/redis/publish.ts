import type { Attributes, Context, Tracer } from '@opentelemetry/api';
import { sizeOf } from '../message.ts';
import { tracePublish } from '../trace-publish.ts';
import { warnOnce } from '../warn-once.ts';
import { type Envelope, seal, takesMember } from './envelope.ts';
import { serverOf } from './server.ts';

/** A client or cluster of ioredis or node-redis. */
export interface RedisPublisher {
  publish(channel: string, message: string | Buffer): Promise<number>;
}

export interface RedisPublishOptions {
  /** Default: `member`. */
  envelope?: Envelope;
  /** Whether baggage goes along. Default: as THROUGHLINE_MESSAGING_BAGGAGE says. */
  baggage?: boolean;
  /** Of the span. Default: `publish`, and the channel. */
  name?: string;
  /** Further ones of the span. */
  attributes?: Attributes;
  /** What the message is sent in. Default: the active context. */
  context?: Context;
  tracer?: Tracer;
}

/** Publishes with the context in the message, in a PRODUCER span; answers and fails as `client.publish` does. */
export function publish(
  client: RedisPublisher,
  channel: string,
  message: string | Uint8Array,
  options: RedisPublishOptions = {},
): Promise<number> {
  const { envelope = 'member', baggage, ...rest } = options;
  if (envelope === 'member' && typeof message === 'string' && !takesMember(message)) warnOfText(channel);
  const known = { system: 'redis', operation: 'publish', destination: channel, ...sizeOf(message) };
  return tracePublish({ ...known, ...serverOf(client), ...rest }, () =>
    client.publish(channel, seal(message, envelope, baggage === undefined ? {} : { baggage })),
  );
}

function warnOfText(channel: string): void {
  warnOnce(
    'redis text',
    `a message to the Redis channel ${channel} is no JSON object and goes as it is, without its context; ` +
      `with the option envelope: 'wrap' it has one, for those who subscribe with Throughline. This is said once`,
  );
}
