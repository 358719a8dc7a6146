import type { TraceColumns } from '../trace/columns.ts';

/** What spans are taken together by: their service and name, or their service alone. */
export type GroupBy = 'operation' | 'service';

export interface Groups {
  readonly count: number;
  /** The group of each span. Groups are numbered in the order in which they appear. */
  readonly of: Int32Array;
  /** Of each group: the first span in it. */
  readonly first: Int32Array;
}

/** Hot: one look-up per span (statistics.bench.ts). */
export function groupsOf(columns: TraceColumns, by: GroupBy): Groups {
  const { spans, names, service, name } = columns;
  const of = new Int32Array(spans);
  const first: number[] = [];
  const numbers = new Map<number, number>();
  for (let span = 0; span < spans; span++) {
    const key = by === 'service' ? service[span]! : service[span]! * names.length + name[span]!;
    let number = numbers.get(key);
    if (number === undefined) {
      number = first.push(span) - 1;
      numbers.set(key, number);
    }
    of[span] = number;
  }
  return { count: first.length, of, first: Int32Array.from(first) };
}
