import { TraceFlags } from '@opentelemetry/api';
import type { ReadableSpan } from '@opentelemetry/sdk-trace';

/**
 * Why a span never arrived: `queue_full` – the memory or the number of spans that may wait was used up; `rejected` – the
 * receiver refused it for good; `timeout` – no answer for as long as an export may take; `shutdown` – it was still
 * waiting when tracing ended, or ended after it; `failed` – it could not be encoded, or an exporter of another kind gave
 * up on it.
 */
export type DropReason = 'queue_full' | 'rejected' | 'timeout' | 'shutdown' | 'failed';

/** What became of the sampled spans of this process: `started` is always `exported` + `dropped` + `pending`. */
export interface SpanCounts {
  readonly started: number;
  readonly ended: number;
  /** Accepted by the receiving side. */
  readonly exported: number;
  readonly dropped: number;
  readonly droppedBy: Readonly<Record<DropReason, number>>;
  /** Not ended, waiting, on their way, or in the spill folder. */
  readonly pending: number;
  /** Of `pending`, those in the spill folder; another process that shares it may have sent them since. */
  readonly spilled: number;
  /** Spans of other processes, or of earlier ones, that this one sent out of the spill folder. */
  readonly recovered: number;
  /** Files of the spill folder that were damaged and left out. */
  readonly torn: number;
}

/** Counts spans. Hot: `started` and `ended` are raised for every span. */
export class SpanTally {
  started = 0;
  ended = 0;
  exported = 0;
  spilled = 0;
  recovered = 0;
  torn = 0;
  readonly #dropped = { queue_full: 0, rejected: 0, timeout: 0, shutdown: 0, failed: 0 };

  drop(reason: DropReason, spans: number): void {
    this.#dropped[reason] += spans;
  }

  read(): SpanCounts {
    const { started, ended, exported, spilled, recovered, torn } = this;
    const dropped = Object.values(this.#dropped).reduce((sum, each) => sum + each, 0);
    const pending = started - exported - dropped;
    return {
      started,
      ended,
      exported,
      dropped,
      droppedBy: { ...this.#dropped },
      pending,
      spilled,
      recovered,
      torn,
    };
  }
}

/** Only sampled spans are exported and counted; those that are only recorded are not. */
export const isSampled = (span: ReadableSpan): boolean =>
  (span.spanContext().traceFlags & TraceFlags.SAMPLED) !== 0;
