import {
  type Context,
  INVALID_TRACEID,
  type SpanOptions,
  type Tracer,
  context,
  trace,
} from '@opentelemetry/api';
import type { TracerProvider } from '@opentelemetry/sdk-trace';

/** The flag of W3C Trace Context Level 2 that says that the last seven bytes of the trace id are random. */
export const randomFlag = 0x02;

/**
 * Hot: runs for every span, recorded or not (benchmarks/sdk.ts). Gives the spans of `provider`'s tracers the random
 * flag of their parent, which the SDK forgets, and sets it on those that begin a trace where `idsAreRandom`, as the
 * SDK's own are.
 */
export function flagRandomIds(provider: TracerProvider, idsAreRandom: boolean): void {
  const getTracer = provider.getTracer.bind(provider);
  const flagged = new WeakSet<Tracer>();
  provider.getTracer = (...scope) => {
    const tracer = getTracer(...scope);
    if (!flagged.has(tracer)) flagTracer(tracer, idsAreRandom ? randomFlag : 0);
    flagged.add(tracer);
    return tracer;
  };
}

/** `startActiveSpan` of the SDK calls `startSpan`. A span is a child where it has its parent's trace id. */
function flagTracer(tracer: Tracer, ofRoots: number): void {
  const startSpan = tracer.startSpan.bind(tracer);
  tracer.startSpan = (name: string, options?: SpanOptions, parent: Context = context.active()) => {
    const span = startSpan(name, options, parent);
    const own = span.spanContext();
    if (own.traceId === INVALID_TRACEID) return span;
    const before = trace.getSpanContext(parent);
    own.traceFlags |= before?.traceId === own.traceId ? before.traceFlags & randomFlag : ofRoots;
    return span;
  };
}
