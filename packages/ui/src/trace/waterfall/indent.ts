/** How far rows are indented: (depth - `base`) times `step` pixels, never less than 0. */
export interface Indent {
  readonly base: number;
  readonly step: number;
}

/** Depths of the rows in sight. */
export interface Depths {
  readonly shallowest: number;
  readonly deepest: number;
}

const widest = 14;
const narrowest = 4;
/** The base moves by this many levels, so that rows do not shake from side to side while one scrolls. */
const baseStep = 5;

/** Whether the trace is so deep that indentation alone no longer tells the depth. */
export function isDeep(maxDepth: number, room: number): boolean {
  return maxDepth * narrowest > room;
}

/**
 * Indentation that leaves names readable: steps shrink until the deepest branch of the trace fits into `room` pixels;
 * where even the smallest step is too wide, the levels that the rows in sight have in common are left out, and of
 * what is deeper still, the highest levels.
 */
export function indentFor(maxDepth: number, sight: Depths, room: number): Indent {
  const step = Math.min(widest, Math.max(narrowest, Math.floor(room / Math.max(maxDepth, 1))));
  const levels = Math.floor(room / step);
  if (sight.deepest <= levels) return { step, base: 0 };
  const common = Math.floor(sight.shallowest / baseStep) * baseStep;
  const needed = Math.ceil((sight.deepest - levels) / baseStep) * baseStep;
  return { step, base: Math.max(common, needed) };
}

export function indentPx({ base, step }: Indent, depth: number): number {
  return Math.max(0, depth - base) * step;
}
