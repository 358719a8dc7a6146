import type { Attributes } from '@opentelemetry/api';
import { InMemorySpanExporter, type ReadableSpan, SimpleSpanProcessor } from '@opentelemetry/sdk-trace';
import { elapsedMs } from '../clock.ts';

/** Spans of this process as they end. */
export class Collected {
  readonly #exporter = new InMemorySpanExporter();
  readonly processor = new SimpleSpanProcessor({ exporter: this.#exporter });

  /** How many have ended since the last call of `take`. */
  ended(): number {
    return this.#exporter.getFinishedSpans().length;
  }

  /** Resolves with all spans that have ended, once `count` have; the next call tells of later ones only. */
  async take(count: number): Promise<ReadableSpan[]> {
    const deadline = Date.now() + 10_000;
    while (this.#exporter.getFinishedSpans().length < count) {
      if (Date.now() > deadline) {
        const names = this.#exporter.getFinishedSpans().map((span) => span.name);
        throw new Error(`waited for ${count} spans; have ${names.join(', ')}`);
      }
      await new Promise((resolve) => setTimeout(resolve, 2));
    }
    await new Promise((resolve) => setImmediate(resolve));
    const spans = [...this.#exporter.getFinishedSpans()];
    this.#exporter.reset();
    return spans.sort((a, b) => elapsedMs(b.startTime, a.startTime) || durationMs(b) - durationMs(a));
  }
}

/** Spans as an indented tree of names, siblings by start, with `!` and the error's type after those that failed. */
export function tree(spans: readonly ReadableSpan[], parent?: string, indent = ''): string {
  const known = new Set(spans.map((span) => span.spanContext().spanId));
  return spans
    .filter((span) => {
      const id = span.parentSpanContext?.spanId;
      return parent === undefined ? id === undefined || !known.has(id) : id === parent;
    })
    .map((span) => {
      const type = span.attributes['error.type'];
      const failure = span.status.code === 2 ? ` !${typeof type === 'string' ? type : ''}` : '';
      return `${indent}${span.name}${failure}\n${tree(spans, span.spanContext().spanId, `${indent}  `)}`;
    })
    .join('');
}

/** Attributes of the spans called `name`, in order. */
export const attributesOf = (spans: readonly ReadableSpan[], name: string): Attributes[] =>
  spans.filter((span) => span.name === name).map((span) => span.attributes);

export const durationMs = (span: ReadableSpan): number => elapsedMs(span.startTime, span.endTime);
