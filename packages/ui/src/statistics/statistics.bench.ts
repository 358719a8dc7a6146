import { deepEqual } from 'node:assert/strict';
import { performance } from 'node:perf_hooks';
import { mostNodes, traceGraph, usualGrouping } from '../graph/trace-graph.ts';
import { traceColumns, type TraceColumns } from '../trace/columns.ts';
import { randomTimeline, seeded } from '../trace/testing.ts';
import { treeOf, type Tree } from '../trace/tree.ts';
import { groupsOf } from './groups.ts';
import { selfTimes } from './self-times.ts';
import { traceStatistics } from './statistics.ts';

// node --import ./scripts/typescript.mjs --conditions source packages/ui/src/statistics/statistics.bench.ts

const random = seeded(2);
const timeline = randomTimeline(100_000, 1);
timeline.names = Array.from({ length: 300 }, (_, index) => `operation ${index}`);
timeline.name = timeline.name.map(() => Math.floor(random() ** 2 * 300));
timeline.services = Array.from({ length: 24 }, (_, index) => `service ${index}`);
timeline.service = timeline.name.map((name) => name % 24);
const columns = traceColumns(timeline);
const tree = treeOf(columns);

/** The plain way: an object per child, sorted and merged for each span. */
function mergedTimes({ spans, start, duration }: TraceColumns, { parent }: Tree): number[] {
  const children = Array.from({ length: spans }, (): { from: number; to: number }[] => []);
  for (let span = 0; span < spans; span++)
    children[parent[span]!]?.push({ from: start[span]!, to: start[span]! + duration[span]! });
  return children.map((each, span) => {
    const [from, to] = [start[span]!, start[span]! + duration[span]!];
    let covered = from;
    let self = duration[span]!;
    for (const child of each.sort((a, b) => a.from - b.from)) {
      const taken = Math.min(child.to, to) - Math.max(child.from, covered);
      if (taken <= 0) continue;
      self -= taken;
      covered = Math.min(child.to, to);
    }
    return self;
  });
}

deepEqual([...selfTimes(columns, tree)], mergedTimes(columns, tree));

const ways: Record<string, () => number> = {
  selfTimes: () => selfTimes(columns, tree)[99]!,
  'the same with an object per child': () => mergedTimes(columns, tree)[99]!,
  'groupsOf, 300 operations': () => groupsOf(columns, 'operation').count,
  'traceStatistics by operation': () => traceStatistics(columns, tree, 'operation')[0]!.self,
  usualGrouping: () => usualGrouping(columns, tree).length,
  'traceGraph by operation': () => traceGraph(columns, tree, 'operation').nodes.length,
  [`traceGraph by path, ${mostNodes} of many`]: () => traceGraph(columns, tree, 'path').hidden.nodes,
};

let consumed = 0;
const rows = Object.entries(ways).map(([way, run]) => {
  const times = Array.from({ length: 15 }, () => {
    const start = performance.now();
    consumed += run();
    return performance.now() - start;
  }).sort((a, b) => a - b);
  return { 'for 100,000 spans': way, 'median ms': Number(times[7]!.toFixed(2)) };
});
console.table(rows);
if (Number.isNaN(consumed)) throw new Error('a result is not a number');
