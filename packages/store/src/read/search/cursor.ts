import type { TraceId } from '@throughline/model';
import { InvalidCursor, type SortOrder } from '../trace-query.ts';

/** Where a page ended. `value` is what the traces are sorted by: the start, or a length or count. */
export interface Cursor {
  readonly sort: SortOrder;
  readonly value: bigint;
  readonly traceId: TraceId;
  /** Newest first only: no trace that is still to come has a matching span that starts after this. */
  readonly until: bigint;
  /** Traces already given whose earlier spans may still arrive, which would move them behind the cursor. */
  readonly given: readonly TraceId[];
}

export function cursorText(cursor: Cursor): string {
  const { sort, value, traceId, until, given } = cursor;
  return Buffer.from([sort, value, traceId, until, ...given].join(' ')).toString('base64url');
}

/** Throws InvalidCursor. */
export function readCursor(text: string, sort: SortOrder): Cursor {
  const decoded = Buffer.from(text, 'base64url').toString('latin1');
  if (!/^[a-z_]+ -?\d{1,19} [0-9a-f]{32} \d{1,19}( [0-9a-f]{32})*$/.test(decoded))
    throw new InvalidCursor('this is not a cursor that a search returned');
  const [ofSort, value, traceId, until, ...given] = decoded.split(' ');
  if (ofSort !== sort)
    throw new InvalidCursor(`this cursor belongs to a search sorted by ${ofSort}, not by ${sort}`);
  return {
    sort,
    value: BigInt(value!),
    traceId: traceId as TraceId,
    until: BigInt(until!),
    given: given as TraceId[],
  };
}
