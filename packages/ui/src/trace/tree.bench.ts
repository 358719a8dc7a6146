import { deepEqual } from 'node:assert/strict';
import { performance } from 'node:perf_hooks';
import { traceColumns } from './columns.ts';
import { find } from './find.ts';
import { marksOf } from './marks.ts';
import { minimapPixels } from './waterfall/minimap-pixels.ts';
import { traceModel } from './model.ts';
import { visibleRows } from './rows.ts';
import { randomTimeline } from './testing.ts';
import { treeOf } from './tree.ts';

// npx tsx --conditions=source packages/ui/src/trace/tree.bench.ts

const timeline = randomTimeline(100_000, 1);
timeline.names = Array.from({ length: 500 }, (_, index) => `operation ${index}`);
timeline.name = timeline.name.map((_, index) => index % 500);
const columns = traceColumns(timeline);
const tree = treeOf(columns);
const model = traceModel(timeline);
const folded = new Uint8Array(tree.size);
const paints = new Uint32Array([0xff00ff00]);

interface SpanObject {
  readonly index: number;
  readonly children: SpanObject[];
}

/** The plain way: an object per span, children sorted, walked with a stack. */
function objectOrder(): number[] {
  const spans = timeline.start.map((_, index): SpanObject => ({ index, children: [] }));
  const roots: SpanObject[] = [];
  timeline.parent.forEach((parent, index) => (spans[parent]?.children ?? roots).push(spans[index]!));
  const byStart = (a: SpanObject, b: SpanObject) => timeline.start[a.index]! - timeline.start[b.index]!;
  const order: number[] = [];
  const stack = roots.sort(byStart).toReversed();
  for (let span = stack.pop(); span; span = stack.pop()) {
    order.push(span.index);
    stack.push(...span.children.sort(byStart).toReversed());
  }
  return order;
}

deepEqual([...tree.order], objectOrder());

const text = JSON.stringify(timeline);
const ways: Record<string, () => number> = {
  'JSON.parse of the timeline': () => (JSON.parse(text) as typeof timeline).span_id.length,
  traceColumns: () => traceColumns(timeline).size,
  treeOf: () => treeOf(columns).maxDepth,
  'the same with an object per span': () => objectOrder().length,
  marksOf: () => marksOf(columns, tree).errors.length,
  'traceModel (all of these)': () => traceModel(timeline).tree.size,
  'visibleRows, all': () => visibleRows(tree, folded).count,
  find: () => find('operation 17', columns, tree, model.logs).nodes.length,
  'minimapPixels 1400 x 44': () => minimapPixels(model, 1400, 44, paints, 0xff0000ff)[700]!,
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
