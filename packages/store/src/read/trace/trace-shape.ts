import type { SpanId } from '@throughline/model';

/** Who is whose parent, and what is wrong with that. Spans are numbered in the order of their starts. */
export interface TraceShape {
  /** -1: none; -2: not stored. In a cycle, the earliest span has none. */
  readonly parent: Int32Array;
  readonly missing: readonly (readonly [number, SpanId])[];
  /** Spans whose id an earlier span has too. */
  readonly duplicates: readonly number[];
  /** The earliest span of each cycle. */
  readonly cycles: readonly number[];
}

/** `parentIds`: '' for none. A parent id that several spans have means the earliest of them. */
export function traceShape(ids: readonly SpanId[], parentIds: readonly string[]): TraceShape {
  const byId = new Map<string, number>();
  const duplicates: number[] = [];
  ids.forEach((id, n) => {
    if (byId.has(id)) duplicates.push(n);
    else byId.set(id, n);
  });
  const parent = new Int32Array(ids.length).fill(-1);
  const missing: [number, SpanId][] = [];
  parentIds.forEach((id, n) => {
    if (id === '') return;
    const found = byId.get(id);
    parent[n] = found ?? -2;
    if (found === undefined) missing.push([n, id as SpanId]);
  });
  return { parent, missing, duplicates, cycles: cutCycles(parent) };
}

/** Follows the parents of every span once; gives the earliest span of a cycle no parent. */
function cutCycles(parent: Int32Array): number[] {
  const [unseen, onPath, done] = [0, 1, 2];
  const state = new Uint8Array(parent.length).fill(unseen);
  const cycles: number[] = [];
  for (let first = 0; first < parent.length; first++) {
    let span = first;
    for (; span >= 0 && state[span] === unseen; span = parent[span]!) state[span] = onPath;
    const met = span >= 0 && state[span] === onPath ? span : -1;
    for (span = first; span >= 0 && state[span] === onPath; span = parent[span]!) state[span] = done;
    if (met < 0) continue;
    let earliest = met;
    for (let at = parent[met]!; at !== met; at = parent[at]!) earliest = Math.min(earliest, at);
    parent[earliest] = -1;
    cycles.push(earliest);
  }
  return cycles;
}
