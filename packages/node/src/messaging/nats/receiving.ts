import { trace } from '@opentelemetry/api';
import { runUntilEnd } from '../run.ts';
import { type Processing, startProcess } from '../trace-process.ts';
import { extract } from '../propagate.ts';
import { TracedIterator } from '../traced-iterator.ts';
import { withContext } from './headers.ts';
import { isInside, sender } from './sending.ts';
import { isInbox, serverOf, templateIn } from './subjects.ts';
import type { Connection, Message, SubscribeOptions, Tracing } from './types.ts';

/**
 * Makes `subscribe` trace: a CONSUMER span for each message, in which the callback runs, or the body of the loop over the
 * subscription; what `respond` sends is a span below it. Replies that come to an inbox have one only where the responder
 * sent a context.
 */
export function traceReceiving(connection: Connection, tracing: Tracing): void {
  const subscribe = connection.subscribe.bind(connection);
  connection.subscribe = (subject, options) => {
    if (typeof subject !== 'string' || subject.startsWith('$') || isInside())
      return subscribe(subject, options);
    const start = starter(connection, tracing, { ...options, subject });
    const callback = options?.callback?.bind(options);
    if (callback) return subscribe(subject, { ...options, callback: handling(start, callback) });
    return tracedIterable(subscribe(subject, options), start);
  };
}

type Start = (message: Message) => Processing | undefined;

/** Makes a callback handle each message in a span. */
export function handling(
  start: Start,
  handle: (error: Error | null, message: Message) => unknown,
): NonNullable<SubscribeOptions['callback']> {
  return (error, message) => {
    const processing = error || !message ? undefined : start(message);
    if (!processing) return handle(error, message);
    return runUntilEnd([processing.span], processing.context, () => handle(error, message));
  };
}

/** Makes what loops over `messages` handle each in a span. */
export function tracedIterable<Messages extends AsyncIterable<Message>>(
  messages: Messages,
  start: Start,
): Messages {
  const iterate = messages[Symbol.asyncIterator].bind(messages);
  messages[Symbol.asyncIterator] = () => new TracedIterator(iterate(), start);
  return messages;
}

function starter(
  connection: Connection,
  tracing: Tracing,
  { subject, queue }: SubscribeOptions & { subject: string },
): Start {
  const temporary = isInbox(connection, subject);
  const send = sender(connection, tracing);
  return (message) => {
    if (temporary && !trace.getSpanContext(extract(message.headers))) return undefined;
    const respond = message.respond?.bind(message);
    const to = message.reply;
    if (respond && to)
      message.respond = (data, options) =>
        send('reply', to, data, (context) =>
          respond(data, withContext(connection, tracing, options, context)),
        );
    return startMessage(tracing, message, {
      ...templateIn(subject),
      ...(temporary && { temporary }),
      ...(queue !== undefined && queue !== '' && { consumerGroup: queue }),
      ...serverOf(connection),
    });
  };
}

interface Known {
  template?: string;
  temporary?: boolean;
  consumerGroup?: string;
  server?: { address: string; port?: number };
}

export function startMessage(tracing: Tracing, message: Message, known: Known): Processing {
  const { config, tracer } = tracing();
  return startProcess({
    system: 'nats',
    destination: message.subject,
    bodySize: message.data.length,
    carrier: message.headers,
    ...known,
    ...(tracer && { tracer }),
    ...(config.relation && { relation: config.relation }),
  });
}
