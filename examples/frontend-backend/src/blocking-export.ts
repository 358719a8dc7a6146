import { TraceFlags } from '@opentelemetry/api';
import { JsonTraceSerializer } from '@opentelemetry/otlp-transformer';
import type { ReadableSpan, SpanProcessor } from '@opentelemetry/sdk-trace';
import { extname } from 'node:path';
import { Worker } from 'node:worker_threads';

/** What the worker is started with: `done` counts the exports that are over. */
export interface BlockingExportWork {
  url: string;
  delayMs: number;
  done: Int32Array;
}

/**
 * Sends each span inside the call that ends it, and lets the whole thread wait until it is sent: what a synchronous
 * exporter does. Here to show what that costs, not to be used.
 */
export class BlockingExport implements SpanProcessor {
  readonly #done = new Int32Array(new SharedArrayBuffer(4));
  readonly #worker: Worker;
  #sent = 0;

  constructor(delayMs: number) {
    const endpoint = process.env['OTEL_EXPORTER_OTLP_ENDPOINT'] ?? 'http://localhost:4318';
    const url = new URL('v1/traces', endpoint.endsWith('/') ? endpoint : `${endpoint}/`).href;
    const file = new URL(`./blocking-export-worker${extname(import.meta.url)}`, import.meta.url);
    const workerData: BlockingExportWork = { url, delayMs, done: this.#done };
    this.#worker = new Worker(file, { workerData });
    this.#worker.unref();
  }

  onStart(): void {}

  onEnd(span: ReadableSpan): void {
    if ((span.spanContext().traceFlags & TraceFlags.SAMPLED) === 0) return;
    this.#worker.postMessage(JsonTraceSerializer.serializeRequest([span]));
    this.#sent++;
    Atomics.wait(this.#done, 0, this.#sent - 1, 10_000);
  }

  async forceFlush(): Promise<void> {}

  async shutdown(): Promise<void> {
    await this.#worker.terminate();
  }
}
