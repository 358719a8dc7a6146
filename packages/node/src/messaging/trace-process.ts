import { type Context, type Link, ROOT_CONTEXT, type Span, SpanKind, trace } from '@opentelemetry/api';
import { type MessageOptions, defaultTracer, messageAttributes, spanName } from './message.ts';
import { extract } from './propagate.ts';
import { runUntilEnd } from './run.ts';
import { type Relation, relationFromEnv } from './settings.ts';
import { warnOfBrokenContext } from './broken-context.ts';

export interface ProcessOptions extends MessageOptions {
  /** What the message's context is in: its headers, or anything else that `extract` reads. */
  carrier?: unknown;
  /** Of a batch that is handled as one: what each message's context is in. The span is a root with a link to each. */
  carriers?: readonly unknown[];
  /** The message's context, where it has been extracted already. */
  context?: Context;
  /** Default: as THROUGHLINE_MESSAGING_CONSUMERS says, else `child`. */
  relation?: Relation;
  /** Further links. */
  links?: readonly Link[];
}

/**
 * Calls `handle` in a CONSUMER span that belongs to the message's trace. A message without a context starts a new
 * trace, and so does one whose context is broken, which is said once on standard error. Nothing that was active when the
 * message came is active in `handle`, but baggage that came with it is. The span ends when `handle` has returned, or
 * what it returns is settled; an error is recorded and thrown on.
 */
export function traceProcess<T>(options: ProcessOptions, handle: (span: Span) => T): T {
  const { span, context } = startProcess(options);
  return runUntilEnd([span], context, () => handle(span));
}

/** A span that has begun, and the context to handle the message in. */
export interface Processing {
  span: Span;
  context: Context;
}

export function startProcess(options: ProcessOptions): Processing {
  const carriers = options.carriers?.map((carrier) => read(options.system, carrier));
  const sender = options.context ?? read(options.system, options.carrier);
  const isChild = !carriers && (options.relation ?? relationFromEnv()) === 'child';
  const parent = isChild ? sender : trace.deleteSpan(sender);
  const senders = isChild ? [] : (carriers ?? [sender]);
  const messageCount = options.messageCount ?? carriers?.length;
  const message = messageCount === undefined ? options : { ...options, messageCount };
  const span = (options.tracer ?? defaultTracer()).startSpan(
    spanName(options, 'process'),
    {
      kind: SpanKind.CONSUMER,
      attributes: messageAttributes(message, 'process'),
      links: [...senders.flatMap(linkTo), ...(options.links ?? [])],
    },
    parent,
  );
  return { span, context: trace.setSpan(parent, span) };
}

function read(system: string, carrier: unknown): Context {
  if (carrier === undefined || carrier === null) return ROOT_CONTEXT;
  const context = extract(carrier);
  if (!trace.getSpanContext(context)) warnOfBrokenContext(system, carrier);
  return context;
}

function linkTo(sender: Context): Link[] {
  const context = trace.getSpanContext(sender);
  return context ? [{ context }] : [];
}
