import { type Context, type Span, SpanStatusCode, context as active } from '@opentelemetry/api';
import { inspect } from 'node:util';

/**
 * Calls `work` in `context` and ends the spans when it has returned or thrown or, where it returns a promise, when that is
 * settled: once, and with the error if there was one. What is returned or thrown is what `work` returns or throws; a
 * promise is a new one with the same result.
 */
export function runUntilEnd<T>(spans: readonly Span[], context: Context, work: () => T): T {
  const succeed = (): void => spans.forEach((span) => endOnce(span));
  const fail = (error: unknown): void => {
    for (const span of spans) {
      recordError(span, error);
      endOnce(span);
    }
  };
  let result: T;
  try {
    result = active.with(context, work);
  } catch (error) {
    fail(error);
    throw error;
  }
  if (!isPromise(result)) {
    succeed();
    return result;
  }
  const settled = result.then(
    (value) => {
      succeed();
      return value;
    },
    (error: unknown) => {
      fail(error);
      throw error;
    },
  );
  return settled as T;
}

export function recordError(span: Span, error: unknown): void {
  const known = error instanceof Error ? error : new Error(inspect(error));
  span.recordException(known);
  span.setAttribute('error.type', error instanceof Error ? typeOf(error) : '_OTHER');
  span.setStatus({ code: SpanStatusCode.ERROR, message: known.message });
}

/** What is ended already, by whoever was handed the span, is left alone. */
export function endOnce(span: Span): void {
  if (span.isRecording()) span.end();
}

const typeOf = (error: Error & { code?: unknown }): string =>
  typeof error.code === 'string' ? error.code : error.name;

const isPromise = (value: unknown): value is Promise<unknown> =>
  typeof value === 'object' && value !== null && typeof (value as Promise<unknown>).then === 'function';
