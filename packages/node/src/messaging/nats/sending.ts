import { type Context, context as active, createContextKey, trace } from '@opentelemetry/api';
import { type MessageOptions, sizeOf } from '../message.ts';
import { runUntilEnd } from '../run.ts';
import { startPublish } from '../trace-publish.ts';
import { withContext } from './headers.ts';
import { isInbox, serverOf } from './subjects.ts';
import type { Connection, Payload, SendOptions, Tracing } from './types.ts';

const inside = createContextKey('throughline: inside a call of the NATS client');

/** Whether what is done now is done by the client itself, for a call that is traced as a whole. */
export const isInside = (): boolean => active.active().getValue(inside) === true;

/** Calls `work` so that what it calls of the connection makes no spans. */
export const asInside = <T>(work: () => T, context: Context = active.active()): T =>
  active.with(context.setValue(inside, true), work);

/** Makes `publish`, `request` and `requestMany` trace: a PRODUCER span each, with its context in the headers sent. */
export function traceSending(connection: Connection, tracing: Tracing): void {
  const publish = connection.publish.bind(connection);
  const request = connection.request.bind(connection);
  const requestMany = connection.requestMany.bind(connection);
  const send = sender(connection, tracing);

  connection.publish = (subject, data, options) => {
    const operation = isInbox(connection, subject) ? 'reply' : 'publish';
    send(operation, subject, data, (context) =>
      publish(subject, data, withContext(connection, tracing, options, context)),
    );
  };
  connection.request = (subject, data, options) =>
    send('request', subject, data, (context) =>
      request(subject, data, withContext(connection, tracing, options, context)),
    );
  connection.requestMany = async (subject, data, options = everyReply()) => {
    if (isInside()) return requestMany(subject, data, options);
    let replies: Awaited<ReturnType<typeof requestMany>> | undefined;
    const begun = new Promise<void>((resolve, reject) => {
      // The span lasts until the last reply: what the caller waits for is only that replies may be read.
      send('request', subject, data, async (context) => {
        replies = await requestMany(subject, data, withContext(connection, tracing, options, context));
        resolve();
        const error = await replies.iterClosed;
        if (error instanceof Error) throw error;
      })?.catch(reject);
    });
    await begun;
    return replies as NonNullable<typeof replies>;
  };
}

/** What the clients take where the caller says nothing. */
const everyReply = (): SendOptions & object => ({ maxWait: 1000, maxMessages: -1 }) as SendOptions;

type Send = <T>(
  operation: string,
  subject: string,
  data: Payload | undefined,
  work: (context: Context | undefined) => T,
) => T;

/**
 * Calls `work` with the context to send: that of a new span, or of the span for which the client itself is sending; with none
 * for subjects of the server's own, as `$JS.API.…`, which are no messages between services.
 */
export const sender =
  (connection: Connection, tracing: Tracing): Send =>
  (operation, subject, data, work) => {
    const parent = active.active();
    if (typeof subject !== 'string' || subject.startsWith('$')) return work(undefined);
    if (isInside()) return work(parent);
    const { tracer } = tracing();
    const options: MessageOptions = {
      system: 'nats',
      operation,
      destination: subject,
      ...(isInbox(connection, subject) && { temporary: true }),
      ...sizeOf(data),
      ...serverOf(connection),
      ...(tracer && { tracer }),
    };
    const span = startPublish(options, parent);
    const context = trace.setSpan(parent, span);
    return runUntilEnd([span], context, () => asInside(() => work(context), context));
  };
