import type { Readable } from 'node:stream';
import { runUntilEnd } from '../run.ts';
import { TracedIterator } from '../traced-iterator.ts';
import type { Processing } from '../trace-process.ts';
import type { KafkaMessage, Tracing } from './config.ts';
import { startHandling } from './spans.ts';

interface Message extends KafkaMessage {
  topic: string;
  partition: number;
  headers: ReadonlyMap<unknown, unknown>;
  metadata?: { consumer?: { groupId?: string } };
}

type Listener = (...args: never[]) => unknown;

/**
 * Makes what reads a stream of messages of `@platformatic/kafka` trace: a CONSUMER span for each, in which a listener of
 * `data` runs, or the body of a loop. What a stream is piped into is not seen.
 */
export function tracePlatformaticStream(stream: Readable, tracing: Tracing): void {
  const start = (message: Message): Processing => {
    const { topic, partition, headers, metadata } = message;
    return startHandling(tracing, {
      topic,
      partition,
      message,
      headers,
      groupId: metadata?.consumer?.groupId,
    });
  };
  const iterate = stream[Symbol.asyncIterator].bind(stream) as () => AsyncIterator<Message>;
  Object.assign(stream, { [Symbol.asyncIterator]: () => new TracedIterator(iterate(), start) });

  const ours = new WeakSet<Listener & { listener?: Listener }>();
  for (const name of ['on', 'addListener', 'once', 'prependListener', 'prependOnceListener'] as const) {
    const add = stream[name].bind(stream);
    stream[name] = (event: string | symbol, listener: Listener & { listener?: Listener }) => {
      // `once` adds what it makes of a listener by `on`; a pipe adds one of its own.
      const known = ours.has(listener) || (listener.listener && ours.has(listener.listener));
      if (event !== 'data' || known || listener.name === 'ondata') return add(event, listener as never);
      const traced = handling(start, listener);
      ours.add(traced);
      add(event, traced as never);
      return stream;
    };
  }
}

/** `listener` is how an emitter knows which listener is meant when one is taken off. */
function handling(start: (message: Message) => Processing, listener: Listener): Listener {
  const traced = function (this: unknown, message: Message): unknown {
    const { span, context } = start(message);
    return runUntilEnd([span], context, () => listener.call(this, message as never));
  };
  return Object.assign(traced, { listener }) as unknown as Listener;
}
