import type { Attributes, Span, Tracer } from '@opentelemetry/api';
import { sizeOf } from '../message.ts';
import type { Relation } from '../settings.ts';
import { traceProcess } from '../trace-process.ts';
import { type RedisSubscriber, type Receive, connectTo } from './subscriber.ts';
import { type Opened, open } from './envelope.ts';
import { serverOf } from './server.ts';

export interface RedisSubscribeOptions {
  /** The names are patterns: `orders.*`. Default: false. */
  pattern?: boolean;
  /** Default: as THROUGHLINE_MESSAGING_CONSUMERS says, else `child`. */
  relation?: Relation;
  /** Of the spans. Default: `process`, and the channel or pattern. */
  name?: string;
  /** Further ones of the spans. */
  attributes?: Attributes;
  tracer?: Tracer;
}

export interface Subscription {
  unsubscribe(): Promise<void>;
}

type Handler<Message> = (message: Message, channel: string, span: Span) => unknown;

/**
 * Subscribes to channels or, where asked, to patterns. Each message is handed to `handler` as it was published, whatever
 * form its context came in, inside a CONSUMER span that belongs to the sender's trace; one that came without a context
 * starts a new trace. An error of the handler is recorded and goes where it would have gone without. Resolves when
 * the subscription is there; `client` must be one for subscribing, as both clients want it.
 */
export function subscribe(
  client: RedisSubscriber,
  channels: string | readonly string[],
  handler: Handler<string>,
  options?: RedisSubscribeOptions & { buffers?: false },
): Promise<Subscription>;
/** With `buffers: true` messages are handed over as bytes, which a text might not be able to say. */
export function subscribe(
  client: RedisSubscriber,
  channels: string | readonly string[],
  handler: Handler<Buffer>,
  options: RedisSubscribeOptions & { buffers: true },
): Promise<Subscription>;
export async function subscribe(
  client: RedisSubscriber,
  channels: string | readonly string[],
  handler: Handler<string> | Handler<Buffer>,
  options: RedisSubscribeOptions & { buffers?: boolean } = {},
): Promise<Subscription> {
  const { pattern = false, buffers = false, ...span } = options;
  const known = { system: 'redis', ...serverOf(client), ...span };
  const receive: Receive = (received, channel, template) => {
    const { message, carrier }: Opened = open(received);
    const content = buffers ? Buffer.from(message as string) : message.toString();
    const place = { destination: channel, ...(template !== undefined && { template }) };
    return traceProcess({ ...known, ...place, ...sizeOf(message), carrier }, (process) =>
      handler(content as string & Buffer, channel, process),
    );
  };
  const names = typeof channels === 'string' ? [channels] : [...channels];
  return { unsubscribe: await connectTo(client, { names, pattern, buffers, receive }) };
}
