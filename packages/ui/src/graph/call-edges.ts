import type { Groups } from '../statistics/groups.ts';
import { statusError, type TraceColumns } from '../trace/columns.ts';
import type { Tree } from '../trace/tree.ts';

/** Calls from the spans of one node to those of another. */
export interface CallEdge {
  readonly from: number;
  readonly to: number;
  readonly calls: number;
  readonly errors: number;
  /** Calls that went over a broker: to a consumer, or from a producer to another service. */
  readonly messages: number;
  /** Leads to where the calls came from; without these edges there are no circles. */
  readonly back: boolean;
}

type Mutable<T> = { -readonly [key in keyof T]: T[key] };

const [producer, consumer] = [4, 5];

/** `within`: of each group, spans whose parent is in it too. */
export function callEdges(
  columns: TraceColumns,
  tree: Tree,
  { count, of }: Groups,
): { between: CallEdge[]; within: Uint32Array } {
  const { spans, kind, status, service } = columns;
  const within = new Uint32Array(count);
  const edges = new Map<number, Mutable<CallEdge>>();
  for (const span of tree.order) {
    const parent = span < spans ? tree.parent[span]! : -1;
    if (parent < 0 || parent >= spans) continue;
    const [from, to] = [of[parent]!, of[span]!];
    if (from === to) {
      within[to]!++;
      continue;
    }
    const key = from * count + to;
    let edge = edges.get(key);
    if (!edge) edges.set(key, (edge = { from, to, calls: 0, errors: 0, messages: 0, back: false }));
    edge.calls++;
    if (status[span] === statusError) edge.errors++;
    const leaves = service[parent] !== service[span];
    if (kind[span] === consumer || (kind[parent] === producer && leaves)) edge.messages++;
  }
  const between = [...edges.values()];
  markBack(between, count);
  return { between, within };
}

/** Follows the edges in depth, those met first first; one that leads to where the way came from leads back. */
function markBack(edges: readonly Mutable<CallEdge>[], count: number): void {
  const out: Mutable<CallEdge>[][] = Array.from({ length: count }, () => []);
  for (const edge of edges) out[edge.from]!.push(edge);
  const [unseen, onWay, done] = [0, 1, 2];
  const state = new Uint8Array(count).fill(unseen);
  const next = new Uint32Array(count);
  for (let start = 0; start < count; start++) {
    if (state[start] !== unseen) continue;
    const way = [start];
    state[start] = onWay;
    while (way.length > 0) {
      const node = way.at(-1)!;
      const edge = out[node]![next[node]!++];
      if (!edge) {
        state[node] = done;
        way.pop();
      } else if (state[edge.to] === onWay) {
        edge.back = true;
      } else if (state[edge.to] === unseen) {
        state[edge.to] = onWay;
        way.push(edge.to);
      }
    }
  }
}
