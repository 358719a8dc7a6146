import type { Timeline } from '@throughline/query/api';

/**
 * A trace as columns. Its nodes are the spans, 0 to `spans` - 1 in order of start, and after them one node for each
 * parent that is not stored. Times are nanoseconds from `origin`.
 */
export interface TraceColumns {
  readonly origin: bigint;
  readonly spans: number;
  /** Spans and missing parents together. */
  readonly size: number;
  /** First start and last end of the spans. */
  readonly from: number;
  readonly to: number;
  readonly names: readonly string[];
  readonly services: readonly string[];
  readonly ids: readonly string[];
  /** What the span names as its parent: a node, or -1. May lead in circles. */
  readonly parent: Int32Array;
  /** Indexes into `names` and `services`; -1 for a missing parent. */
  readonly name: Int32Array;
  readonly service: Int32Array;
  readonly kind: Uint8Array;
  readonly status: Uint8Array;
  /** Of a missing parent: what its children span. */
  readonly start: Float64Array;
  readonly duration: Float64Array;
  /** How many links the span has, and how many name it. */
  readonly links: Uint32Array;
  readonly linkedFrom: Uint32Array;
  /** Events of node n are `eventAt[n]` to `eventAt[n + 1]` - 1 in the two columns after it, in order of time. */
  readonly eventAt: Uint32Array;
  readonly eventTime: Float64Array;
  readonly eventName: Int32Array;
}

export const statusError = 2;

export function traceColumns(timeline: Timeline): TraceColumns {
  const spans = timeline.span_id.length;
  const missing = missingParents(timeline);
  const size = spans + missing.ids.length;
  const parent = sized(Int32Array, timeline.parent, size, -1).map((at) => (at >= 0 && at < spans ? at : -1));
  for (const [span, node] of missing.parentOf) parent[span] = node;
  const start = sized(Float64Array, timeline.start, size, Infinity);
  const duration = sized(Float64Array, timeline.duration, size, 0);
  stretchMissing(parent, start, duration, spans);
  return {
    origin: BigInt(timeline.origin),
    spans,
    size,
    ...extent(start, duration, spans),
    names: timeline.names,
    services: timeline.services,
    ids: [...timeline.span_id, ...missing.ids],
    parent,
    name: sized(Int32Array, timeline.name, size, -1),
    service: sized(Int32Array, timeline.service, size, -1),
    kind: sized(Uint8Array, timeline.kind, size, 0),
    status: sized(Uint8Array, timeline.status, size, 0),
    start,
    duration,
    links: sized(Uint32Array, timeline.links, size, 0),
    linkedFrom: sized(Uint32Array, timeline.linked_from, size, 0),
    ...eventColumns(timeline, size),
  };
}

type Column = Int32Array | Uint32Array | Uint8Array | Float64Array;

function sized<T extends Column>(
  Type: new (length: number) => T,
  values: readonly number[],
  size: number,
  rest: number,
): T {
  const column = new Type(size);
  column.set(values);
  column.fill(rest, values.length);
  return column;
}

/** One node per missing id, however many spans name it, after the spans. */
function missingParents(timeline: Timeline) {
  const spans = timeline.span_id.length;
  const nodes = new Map<string, number>();
  const parentOf = timeline.missing.map(([span, id]) => {
    const node = nodes.get(id) ?? spans + nodes.size;
    nodes.set(id, node);
    return [span, node] as const;
  });
  return { ids: [...nodes.keys()], parentOf };
}

function stretchMissing(parent: Int32Array, start: Float64Array, duration: Float64Array, spans: number) {
  if (start.length === spans) return;
  const end = new Float64Array(start.length).fill(-Infinity);
  for (let span = 0; span < spans; span++) {
    const node = parent[span]!;
    if (node < spans) continue;
    start[node] = Math.min(start[node]!, start[span]!);
    end[node] = Math.max(end[node]!, start[span]! + duration[span]!);
  }
  for (let node = spans; node < start.length; node++) duration[node] = end[node]! - start[node]!;
}

function extent(start: Float64Array, duration: Float64Array, spans: number) {
  let from = spans > 0 ? Infinity : 0;
  let to = spans > 0 ? -Infinity : 0;
  for (let span = 0; span < spans; span++) {
    from = Math.min(from, start[span]!);
    to = Math.max(to, start[span]! + duration[span]!);
  }
  return { from, to };
}

function eventColumns(timeline: Timeline, size: number) {
  const { event_span: spanOf, event_time: times, event_name: names } = timeline;
  const eventAt = offsets(spanOf, size);
  const eventTime = new Float64Array(spanOf.length);
  const eventName = new Int32Array(spanOf.length);
  const next = eventAt.slice();
  for (let event = 0; event < spanOf.length; event++) {
    const at = next[spanOf[event]!]!++;
    eventTime[at] = times[event]!;
    eventName[at] = names[event]!;
  }
  return { eventAt, eventTime, eventName };
}

/** Where the entries of each owner begin once they are grouped by owner: `result[owner]` to `result[owner + 1]` - 1. */
export function offsets(owners: ArrayLike<number>, size: number): Uint32Array {
  const at = new Uint32Array(size + 1);
  for (let entry = 0; entry < owners.length; entry++) at[owners[entry]! + 1]!++;
  for (let owner = 0; owner < size; owner++) at[owner + 1]! += at[owner]!;
  return at;
}
