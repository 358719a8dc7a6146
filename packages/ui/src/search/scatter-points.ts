import type { TraceSummary } from '@throughline/query/api';
import { millisOfNanos } from '../design/format-time.ts';

/** Traces as columns for drawing; the index is that of the trace. */
export interface ScatterPoints {
  /** Start in milliseconds since 1970. */
  readonly at: Float64Array;
  /** Duration in nanoseconds. */
  readonly duration: Float64Array;
  /** 1: with errors. */
  readonly failed: Uint8Array;
}

export function scatterPoints(traces: readonly TraceSummary[]): ScatterPoints {
  return {
    at: Float64Array.from(traces, (trace) => millisOfNanos(trace.start)),
    duration: Float64Array.from(traces, (trace) => trace.duration),
    failed: Uint8Array.from(traces, (trace) => (trace.errors > 0 ? 1 : 0)),
  };
}

/** Index of the point nearest to a pixel, or -1 where none is within `reach` pixels. */
export function nearestPoint(
  xs: Float32Array,
  ys: Float32Array,
  [x, y]: readonly [number, number],
  reach: number,
): number {
  let best = -1;
  let bestSquare = reach * reach;
  for (let i = 0; i < xs.length; i++) {
    const square = (xs[i]! - x) ** 2 + (ys[i]! - y) ** 2;
    if (square > bestSquare) continue;
    best = i;
    bestSquare = square;
  }
  return best;
}
