import type { TraceColumns } from '../trace/columns.ts';
import type { Tree } from '../trace/tree.ts';

/**
 * How long each span was at work itself: its duration without the times that its children cover together, each clipped
 * to it. A child that begins after its end takes nothing from it; durations below zero count as none.
 *
 * ```
 * parent    |--------------------|
 * children    |----|  |----|          |---|   (asynchronous)
 *               |----|
 * self      |-|      |     |-----|
 * ```
 *
 * Hot: linear in the spans, which are in the order of their starts (statistics.bench.ts).
 */
export function selfTimes(columns: TraceColumns, { parent }: Tree): Float64Array {
  const { spans, start, duration } = columns;
  const self = new Float64Array(spans);
  for (let span = 0; span < spans; span++) self[span] = Math.max(0, duration[span]!);
  /** Of each span: up to where its children seen so far cover it. */
  const covered = start.slice(0, spans);
  for (let child = 0; child < spans; child++) {
    const above = parent[child]!;
    if (above < 0 || above >= spans) continue;
    const from = Math.max(start[child]!, covered[above]!);
    const to = Math.min(start[child]! + duration[child]!, start[above]! + duration[above]!);
    if (to <= from) continue;
    self[above]! -= to - from;
    covered[above] = to;
  }
  return self;
}
