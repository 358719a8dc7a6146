import type { ReadableSpan, Span, SpanProcessor } from '@opentelemetry/sdk-trace';
import { fineNow } from './clock.ts';
import { parentEnds } from './network/network-trace.ts';
import { type SpanTally, isSampled } from './export/span-counts.ts';

/**
 * Hot: runs at the start and end of every recorded span. Gives spans a start finer than the whole millisecond of the
 * SDK, counts them, and ends the network phases that are still open under a span that ends.
 */
export class SpanHooks implements SpanProcessor {
  readonly #tally: SpanTally;

  constructor(tally: SpanTally) {
    this.#tally = tally;
  }

  onStart(span: Span): void {
    if (isSampled(span)) this.#tally.started++;
    const own = span as Span & { startTime: [number, number]; _startTimeProvided?: boolean };
    if (own._startTimeProvided === false) own.startTime = fineNow();
  }

  onEnding(span: Span): void {
    parentEnds(span);
  }

  onEnd(span: ReadableSpan): void {
    if (isSampled(span)) this.#tally.ended++;
  }

  async forceFlush(): Promise<void> {}

  async shutdown(): Promise<void> {}
}
