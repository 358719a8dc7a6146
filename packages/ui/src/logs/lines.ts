import type { LogLine } from '@throughline/query/api';

/** A record in the list, with what tells it apart from every other one there. */
export interface Line {
  readonly key: string;
  readonly record: LogLine;
}

/** Records that are equal in everything share their id: the second one's key says so. */
export function linesOf(records: readonly LogLine[]): readonly Line[] {
  const seen = new Map<string, number>();
  return records.map((record) => {
    const before = seen.get(record.id) ?? 0;
    seen.set(record.id, before + 1);
    return { key: before === 0 ? record.id : `${record.id}~${before + 1}`, record };
  });
}

/**
 * The newest page put on top of what was there, newest first, at most `keep`. Where a full page has nothing in common
 * with what was there, there is more between them than was asked for: what was there is let go.
 */
export function mergeNewest(
  before: readonly Line[],
  page: readonly Line[],
  full: boolean,
  keep: number,
): readonly Line[] {
  const known = new Set(before.map(({ key }) => key));
  const fresh = page.filter(({ key }) => !known.has(key));
  if (fresh.length === 0) return before;
  if (full && fresh.length === page.length) return page;
  return [...fresh, ...before].sort(byNewest).slice(0, keep);
}

function byNewest(a: Line, b: Line): number {
  const [one, other] = [a.record.time, b.record.time];
  return other.length - one.length || (one < other ? 1 : one > other ? -1 : 0);
}
