/** How far rows are indented: (depth - `base`) times `step` pixels, never less than 0. */
export interface Indent {
  readonly base: number;
  readonly step: number;
}

const widest = 14;
const narrowest = 4;

/** Whether the trace is so deep that indentation alone no longer tells the depth. */
export function isDeep(maxDepth: number, room: number): boolean {
  return maxDepth * narrowest > room;
}

/**
 * Indentation that leaves names readable: steps shrink until the deepest branch fits into `room` pixels; where even
 * the smallest step is too wide, the levels that all rows in sight have in common are left out.
 */
export function indentFor(maxDepth: number, deepestInSight: number, room: number): Indent {
  const step = Math.min(widest, Math.max(narrowest, Math.floor(room / Math.max(maxDepth, 1))));
  return { step, base: Math.max(0, deepestInSight - Math.floor(room / step)) };
}

export function indentPx({ base, step }: Indent, depth: number): number {
  return Math.max(0, depth - base) * step;
}
