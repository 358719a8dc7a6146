import type { Span, SpanProcessor } from '@opentelemetry/sdk-trace';
import { fineNow } from './clock.ts';
import { parentEnds } from './network/network-trace.ts';
import type { SpanCounts } from './export/span-counts.ts';

/**
 * Hot: runs at the start and end of every recorded span. Gives spans a start finer than the whole millisecond of the
 * SDK, counts them, and ends the network phases that are still open under a span that ends.
 */
export class SpanHooks implements SpanProcessor {
  readonly #counts: SpanCounts;

  constructor(counts: SpanCounts) {
    this.#counts = counts;
  }

  onStart(span: Span): void {
    this.#counts.started++;
    const own = span as Span & { startTime: [number, number]; _startTimeProvided?: boolean };
    if (own._startTimeProvided === false) own.startTime = fineNow();
  }

  onEnding(span: Span): void {
    parentEnds(span);
  }

  onEnd(): void {
    this.#counts.ended++;
  }

  async forceFlush(): Promise<void> {}

  async shutdown(): Promise<void> {}
}
