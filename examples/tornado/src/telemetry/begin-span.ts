import {
  type Context,
  ROOT_CONTEXT,
  type Span,
  type SpanOptions,
  type Tracer,
  context,
  createContextKey,
  trace,
} from '@opentelemetry/api';
import { type IdGenerator, RandomIdGenerator } from '@opentelemetry/sdk-trace';

const keptTraceId = createContextKey('the trace id of a root span');

/** Random ids, but for the trace of a span that `beginSpan` makes a root in a trace that exists already. */
export class TraceKeepingIds implements IdGenerator {
  readonly #random = new RandomIdGenerator();

  generateTraceId(): string {
    const kept = context.active().getValue(keptTraceId);
    return typeof kept === 'string' ? kept : this.#random.generateTraceId();
  }

  generateSpanId(): string {
    return this.#random.generateSpanId();
  }
}

/**
 * A span under `parent`. A caller in another process that did not sample its span never exports it, so it cannot be the
 * parent of one that is recorded: a viewer would wait for it for ever. The span is then a root, in the same trace; for
 * that the tracer needs `TraceKeepingIds`.
 */
export function beginSpan(tracer: Tracer, name: string, options: SpanOptions, parent: Context): Span {
  const caller = trace.getSpanContext(parent);
  if (!caller?.isRemote || (caller.traceFlags & 1) === 1) return tracer.startSpan(name, options, parent);
  return context.with(ROOT_CONTEXT.setValue(keptTraceId, caller.traceId), () =>
    tracer.startSpan(name, { ...options, root: true }, trace.deleteSpan(parent)),
  );
}
