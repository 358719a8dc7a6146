import type { Processing } from '../trace-process.ts';
import { handling, startMessage, tracedIterable } from './receiving.ts';
import { asInside, isInside, sender } from './sending.ts';
import { serverOf } from './subjects.ts';
import type { Connection, Message, Payload, SendOptions, Tracing } from './types.ts';

type Messages = AsyncIterable<Message>;

interface Client {
  nc: Connection;
  publish: (this: Client, subject: string, data?: Payload, options?: SendOptions) => Promise<unknown>;
}

interface ConsumeOptions {
  callback?: (this: void, message: Message) => unknown;
}

/** A consumer of JetStream: of what it hands out, `consume` and `fetch` can be looped over or take a callback. */
interface Consumer {
  name?: string;
  api?: { nc?: Connection };
  consume?(options?: ConsumeOptions): Promise<Messages>;
  fetch?(options?: ConsumeOptions): Promise<Messages>;
}

/** What the older client has besides: subscriptions made by the JetStream client itself. */
interface Subscribing {
  nc: Connection;
  subscribe?(...args: unknown[]): Promise<Messages>;
  pullSubscribe?(...args: unknown[]): Promise<Messages>;
  fetch?: (this: Subscribing, ...args: unknown[]) => Messages;
  _buildTypedSubscriptionOpts?: (this: Subscribing, ...args: unknown[]) => TypedOptions;
}

interface TypedOptions {
  callback?: (this: void, error: Error | null, message: Message) => unknown;
}

/** Makes `publish` of a JetStream client's prototype trace. It sends by a request, in which the context goes along. */
export function traceJetStreamClient(prototype: Client, tracing: Tracing): void {
  const publish = prototype.publish;
  prototype.publish = function (subject, data, options) {
    return sender(this.nc, tracing)('publish', subject, data, () =>
      publish.call(this, subject, data, options),
    );
  };
}

/**
 * Makes `consume` and `fetch` of a JetStream consumer's prototype trace: a CONSUMER span for each message, in which the
 * callback runs, or the body of the loop.
 */
export function traceJetStreamConsumer(prototype: Consumer, tracing: Tracing): void {
  for (const name of ['consume', 'fetch'] as const) {
    const original = prototype[name];
    if (!original) continue;
    prototype[name] = async function (this: Consumer, options) {
      // An ordered consumer of the older client hands this call on to one that it makes.
      if (isInside()) return original.call(this, options);
      const start = starter(this.api?.nc, tracing, this.name);
      const callback = options?.callback;
      const handle = callback && handling(start, (_error, message) => callback(message));
      const traced = handle && { ...options, callback: (message: Message) => handle(null, message) };
      const messages = await asInside(() => original.call(this, traced ?? options));
      return callback ? messages : tracedIterable(messages, start);
    };
  }
}

/** Makes `subscribe`, `pullSubscribe` and `fetch` of the older JetStream client's prototype trace, as consumers do. */
export function traceJetStreamSubscriptions(prototype: Subscribing, tracing: Tracing): void {
  for (const name of ['subscribe', 'pullSubscribe'] as const) {
    const original = prototype[name];
    prototype[name] = async function (this: Subscribing, ...args) {
      const messages = await asInside(() => original?.apply(this, args) as Promise<Messages>);
      return tracedIterable(messages, starter(this.nc, tracing));
    };
  }
  const fetch = prototype.fetch;
  prototype.fetch = function (this: Subscribing, ...args) {
    const messages = asInside(() => fetch?.apply(this, args) as Messages);
    return tracedIterable(messages, starter(this.nc, tracing));
  };
  const optionsOf = prototype._buildTypedSubscriptionOpts;
  prototype._buildTypedSubscriptionOpts = function (this: Subscribing, ...args) {
    const options = optionsOf?.apply(this, args) ?? {};
    const { callback } = options;
    return callback ? { ...options, callback: handling(starter(this.nc, tracing), callback) } : options;
  };
}

function starter(
  nc: Connection | undefined,
  tracing: Tracing,
  name?: string,
): (message: Message) => Processing | undefined {
  const known = { ...(name && { consumerGroup: name }), ...(nc && serverOf(nc)) };
  // What keys and objects are stored by is no message between services.
  return (message) => (message.subject.startsWith('$') ? undefined : startMessage(tracing, message, known));
}
