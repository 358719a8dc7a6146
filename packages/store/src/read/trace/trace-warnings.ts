import { nanosPerMilli, type SpanId } from '@throughline/model';
import type { TraceHead } from '../search/summaries.ts';
import type { TraceShape } from './trace-shape.ts';
import type { TraceWarning } from '../trace-store.ts';

const mostIds = 100;
/** A trace whose newest span was received this long ago may still be growing. */
const arrivingForS = 5;
/** Clocks of some SDKs tick in milliseconds, so that much says nothing. */
const tick = nanosPerMilli;

/** `starts`: nanoseconds from any one time. */
export function traceWarnings(
  head: TraceHead,
  shape: TraceShape,
  ids: readonly SpanId[],
  starts: Float64Array,
  nowS: number,
): TraceWarning[] {
  const of = (spans: readonly number[]) => ({
    spanIds: spans.slice(0, mostIds).map((n) => ids[n]!),
    count: spans.length,
  });
  const orphans = shape.missing.map(([n]) => n);
  const parents = new Set(shape.missing.map(([, id]) => id)).size;
  const early = [...ids.keys()].filter((n) => {
    const parent = shape.parent[n]!;
    return parent >= 0 && starts[n]! < starts[parent]! - tick;
  });
  const worst = Math.max(0, ...early.slice(0, 10_000).map((n) => starts[shape.parent[n]!]! - starts[n]!));
  const warnings: (TraceWarning | false)[] = [
    !head.hasRoot && {
      kind: 'missing_root',
      message: 'The span without a parent, which began this trace, is not stored.',
      spanIds: [],
      count: 1,
    },
    orphans.length > 0 && {
      kind: 'missing_parent',
      message: `${counted(parents, 'span is', 'spans are')} not stored, though ${counted(orphans.length, 'span names it', 'spans name them')} as parent.`,
      ...of(orphans),
    },
    early.length > 0 && {
      kind: 'clock_skew',
      message: `${counted(early.length, 'span starts before its parent', 'spans start before their parents')}, by up to ${(worst / nanosPerMilli).toFixed(1)} ms: clocks differ between machines.`,
      ...of(early),
    },
    shape.duplicates.length > 0 && {
      kind: 'duplicate_span_id',
      message: `${counted(shape.duplicates.length, 'span has', 'spans have')} the id of an earlier span of this trace.`,
      ...of(shape.duplicates),
    },
    shape.cycles.length > 0 && {
      kind: 'cycle',
      message: `${counted(shape.cycles.length, 'span is its', 'spans are their')} own ancestor; shown without a parent.`,
      ...of(shape.cycles),
    },
    head.received >= nowS - arrivingForS && {
      kind: 'still_arriving',
      message: 'Spans of this trace arrived in the last seconds; more may follow.',
      spanIds: [],
      count: 1,
    },
  ];
  return warnings.filter((warning) => warning !== false);
}

function counted(count: number, one: string, many: string): string {
  return `${count} ${count === 1 ? one : many}`;
}
