import { runUntilEnd } from '../run.ts';
import { startMessage, tracedIterable } from './receiving.ts';
import { asInside, isInside, sender } from './sending.ts';
import { serverOf } from './subjects.ts';
import type { Connection, Message, Payload, SendOptions, Tracing } from './types.ts';

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
  consume?(options?: ConsumeOptions): Promise<AsyncIterable<Message>>;
  fetch?(options?: ConsumeOptions): Promise<AsyncIterable<Message>>;
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
      const nc = this.api?.nc;
      const known = { ...(this.name && { consumerGroup: this.name }), ...(nc && serverOf(nc)) };
      const start = (message: Message) => startMessage(tracing, message, known);
      const callback = options?.callback;
      const traced = callback && {
        ...options,
        callback: (message: Message) => {
          const { span, context } = start(message);
          return runUntilEnd([span], context, () => callback(message));
        },
      };
      const messages = await asInside(() => original.call(this, traced ?? options));
      return callback ? messages : tracedIterable(messages, start);
    };
  }
}
