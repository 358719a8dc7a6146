import { SpanStatusCode, trace } from '@opentelemetry/api';
import { AsyncLocalStorage } from 'node:async_hooks';
import { chain } from './errors.ts';

/** What a log line says of a span. */
export interface SpanName {
  name: string;
  [field: string]: unknown;
}

const here = new AsyncLocalStorage<readonly SpanName[]>();

/** Of the running request, the outermost first; known whether or not the request is traced. */
export const spansHere = (): readonly SpanName[] => here.getStore() ?? [];

/** `act` with its lines telling of a span that somebody else has made, such as an instrumentation. */
export function within<T>(span: SpanName, act: () => T): T {
  return here.run([...spansHere(), span], act);
}

/** `act` in a span of its own, which has failed where `act` throws. */
export function inSpan<T>(name: string, act: () => Promise<T>): Promise<T> {
  return trace.getTracer('hello-tracing').startActiveSpan(name, async (span) => {
    try {
      return await within({ name }, act);
    } catch (error) {
      span.recordException(error as Error);
      span.setStatus({ code: SpanStatusCode.ERROR, message: chain(error) });
      throw error;
    } finally {
      span.end();
    }
  });
}
