import type { ReadableSpan, Span, SpanProcessor } from '@opentelemetry/sdk-trace';
import { warn } from '../setup/warn.ts';
import { BufferPool } from './buffer-pool.ts';
import { Delivery } from './delivery.ts';
import type { OtlpTarget } from './otlp-target.ts';
import { sendAtExit } from './send-at-exit.ts';
import { openSender } from './open-sender.ts';
import { SpanBatch } from './span-batch.ts';
import { type SpanCounts, SpanTally, isSampled } from './span-counts.ts';
import { SpillFolder } from './spill-folder.ts';
import { ExportWatch } from './watch.ts';

/** What a batch processor can be told; each as OTEL_BSP_* describes it. */
export interface BatchSettings {
  /** Default: as many as fit into `maxBytes`. */
  maxQueueSize?: number;
  /** Default: as many as make a megabyte. */
  maxExportBatchSize?: number;
  /** Default: 5000. */
  scheduledDelayMillis?: number;
  /** Default: none, because a request that waits for a receiver to come back harms nobody while there is room. */
  exportTimeoutMillis?: number;
}

export interface OtlpSpanProcessorOptions {
  readonly target: OtlpTarget;
  readonly batch?: BatchSettings;
  /** What may wait and be on its way, in bytes of OTLP. Default: 128 MB, or a quarter of what the process may use. */
  readonly maxBytes?: number;
  /** Where what does not fit, or was not sent when the process ended, is kept. Default: nowhere. */
  readonly spill?: { readonly folder: string; readonly maxBytes: number } | undefined;
  /** Where spans are counted whose start and end somebody else counts. Default: its own, for `stats`. */
  readonly tally?: SpanTally;
  readonly watch?: ExportWatch;
}

const requestBytes = 1_000_000;
/** JSON is made in the thread of the application, which shall not stand still for long. */
const jsonRequestBytes = 100_000;
const usualMaxBytes = 128_000_000;
const usualDelayMs = 5000;
const usualFlushMs = 30_000;
/** Longer nobody shall wait for a process that was told to end at once. */
const exitMs = 2000;

/**
 * Encodes spans at the moment they end, and sends them as OTLP. Unlike a batch processor with an exporter it keeps no
 * span, so that a burst is a buffer of bytes and no work for the garbage collector.
 */
export class OtlpSpanProcessor implements SpanProcessor {
  readonly #batch: SpanBatch;
  readonly #delivery: Delivery;
  readonly #target: OtlpTarget;
  readonly #tally: SpanTally;
  readonly #counts: boolean;
  readonly #maxBytes: number;
  readonly #maxSpans: number;
  readonly #batchSpans: number;
  readonly #batchBytes: number;
  readonly #delayMs: number;
  readonly #flushMs: number;
  #timer: NodeJS.Timeout | undefined;
  #closed = false;
  #warned = false;

  constructor({ target, batch: given = {}, spill, ...options }: OtlpSpanProcessorOptions) {
    // None of them can be kept to with 0, which stands for no limit where OTEL_BSP_EXPORT_TIMEOUT is described.
    const batch = { ...given };
    for (const limit of ['maxQueueSize', 'maxExportBatchSize', 'exportTimeoutMillis'] as const)
      if (batch[limit] === 0) delete batch[limit];
    this.#target = target;
    this.#tally = options.tally ?? new SpanTally();
    this.#counts = options.tally === undefined;
    this.#maxBytes = options.maxBytes ?? ownShare();
    this.#maxSpans = batch.maxQueueSize ?? Infinity;
    this.#batchBytes = target.protocol === 'http/json' ? jsonRequestBytes : requestBytes;
    this.#batchSpans = Math.min(batch.maxExportBatchSize ?? Infinity, this.#maxSpans);
    this.#delayMs = batch.scheduledDelayMillis ?? usualDelayMs;
    this.#flushMs = batch.exportTimeoutMillis ?? usualFlushMs;
    const pool = new BufferPool();
    this.#batch = new SpanBatch(pool);
    this.#delivery = new Delivery(
      openSender(target),
      { maxBytes: this.#maxBytes, giveUpMs: batch.exportTimeoutMillis },
      this.#tally,
      options.watch ?? new ExportWatch(),
      spill && new SpillFolder(spill.folder, spill.maxBytes),
      pool,
    );
    this.#delivery.recover(this.#delayMs);
  }

  onStart(span: Span): void {
    if (this.#counts && isSampled(span)) this.#tally.started++;
  }

  /** Hot: runs at the end of every span. */
  onEnd(span: ReadableSpan): void {
    if (!isSampled(span)) return;
    if (this.#counts) this.#tally.ended++;
    if (this.#closed) return this.#tally.drop('shutdown', 1);
    const batch = this.#batch;
    const delivery = this.#delivery;
    const full =
      batch.spans + delivery.waitingSpans >= this.#maxSpans ||
      (delivery.bytes + batch.bytes > this.#maxBytes && !delivery.hasRoom(batch.bytes));
    if (full) return this.#tally.drop('queue_full', 1);
    try {
      batch.add(span);
    } catch (error) {
      return this.#unencodable(span, error);
    }
    if (batch.bytes >= this.#batchBytes || batch.spans >= this.#batchSpans) this.#cut();
    else this.#timer ??= delivery.outside(() => setTimeout(() => this.#cut(), this.#delayMs).unref());
  }

  #unencodable(span: ReadableSpan, error: unknown): void {
    this.#tally.drop('failed', 1);
    if (!this.#warned) warn(`a span called ${String(span.name)} cannot be encoded: ${String(error)}`);
    this.#warned = true;
  }

  #cut(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    if (this.#batch.spans > 0) this.#delivery.add(this.#batch.cut());
  }

  /** What became of the sampled spans that it saw. */
  stats(): SpanCounts {
    return this.#tally.read();
  }

  /** Resolves when all spans that have ended are sent, or cannot be for now. */
  async forceFlush(): Promise<void> {
    this.#cut();
    await this.#delivery.flush(this.#flushMs);
  }

  async shutdown(): Promise<void> {
    if (this.#closed) return;
    await this.forceFlush();
    this.close();
  }

  /** Ends `forceFlush` and `shutdown` now, whatever still waits. */
  stopWaiting(): void {
    this.#delivery.stopWaiting();
  }

  /** Sends what is left while the process ends by `process.exit`, which leaves no time for anything but waiting for it. */
  sendAtExit(): void {
    if (this.#closed) return;
    this.#cut();
    this.#delivery.atExit((bodies) => sendAtExit(this.#target, bodies, exitMs));
  }

  /** Spans that still wait go to the spill folder or are dropped. Works while the process ends: it is done on return. */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#cut();
    this.#delivery.close();
  }
}

/** What may wait must not be what the process is ended for by its container. */
function ownShare(): number {
  const limit = process.constrainedMemory();
  return limit > 0 ? Math.min(usualMaxBytes, Math.floor(limit / 4)) : usualMaxBytes;
}
