/** What became of the sampled spans of this process, in numbers. */
export interface SpanCounts {
  started: number;
  ended: number;
  /** Accepted by the receiving side. */
  exported: number;
  /** In an export that failed for good. */
  failed: number;
}

export const noSpans = (): SpanCounts => ({ started: 0, ended: 0, exported: 0, failed: 0 });
