import { type Context, type Span, SpanKind, context as active, trace } from '@opentelemetry/api';
import { type MessageOptions, defaultTracer, messageAttributes, spanName } from './message.ts';
import { runUntilEnd } from './run.ts';

export interface PublishOptions extends MessageOptions {
  /** What the message is sent in. Default: the active context. */
  context?: Context;
}

/**
 * Calls `publish` in a PRODUCER span, which is active meanwhile: so `inject` writes that span's context into the message.
 * The span ends when `publish` has returned, or what it returns is settled; an error is recorded and thrown on.
 */
export function tracePublish<T>(options: PublishOptions, publish: (span: Span) => T): T {
  const parent = options.context ?? active.active();
  const span = startPublish(options, parent);
  return runUntilEnd([span], trace.setSpan(parent, span), () => publish(span));
}

export const startPublish = (options: MessageOptions, parent: Context): Span =>
  (options.tracer ?? defaultTracer()).startSpan(
    spanName(options, 'send'),
    { kind: SpanKind.PRODUCER, attributes: messageAttributes(options, 'send') },
    parent,
  );
