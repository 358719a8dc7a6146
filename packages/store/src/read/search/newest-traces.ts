import type { TraceId } from '@throughline/model';
import type { Engine } from '../../engine/engine.ts';
import { Bound } from '../bound.ts';
import { cursorText, readCursor, type Cursor } from './cursor.ts';
import { slotOf, startOfSlot } from '../../slots.ts';
import { lastTime } from '../minutes.ts';
import { nativeBlocks } from '../native-rows.ts';
import { lengthConditions, type Heads } from './ordered-traces.ts';
import type { SpanCondition } from './span-condition.ts';
import { traceHeads, type TraceHead } from './summaries.ts';
import type { TraceQuery } from '../trace-query.ts';
import type { ReadOptions } from '../trace-store.ts';

/** Traces whose matching spans start late are looked up one by one up to this many. */
const fewLate = 5_000;
const mostRows = 50_000;
const eagerSlots = 8;
/** For how long after a span was received others of its trace may still come that start before it. */
const settledAfterS = 60;
const mostGiven = 200;

/**
 * The newest traces, without looking at all of them. Matching spans are read from the latest start backwards. A trace
 * starts no later than any of its spans; so when `limit` traces are known that start after the span read last, no
 * trace that is still unknown can come before them.
 *
 * ```
 * spans, latest first:  c3 b2 a5 c1 | a1 b1 ...      (not read yet)
 * known traces:         c, b, a, by their start: the first two are final once both start after c1
 * ```
 *
 * Where nothing is asked of the spans, the rows of the table of traces are read in place of spans.
 */
export async function newestTraces(
  engine: Engine,
  query: TraceQuery,
  condition: SpanCondition,
  options: ReadOptions = {},
): Promise<Heads> {
  const search = new NewestSearch(engine, query, condition, options);
  return search.run();
}

interface Range {
  readonly from: bigint;
  /** Included. */
  readonly to: bigint;
}

class NewestSearch {
  readonly #engine: Engine;
  readonly #query: TraceQuery;
  readonly #condition: SpanCondition;
  readonly #options: ReadOptions;
  readonly #cursor: Cursor | undefined;
  readonly #ofSpans: boolean;
  /** The latest start of a matching span, of all traces seen. */
  readonly #latest = new Map<TraceId, bigint>();
  /** Those of them that belong to this page or a later one. */
  readonly #accepted = new Map<TraceId, TraceHead>();

  constructor(engine: Engine, query: TraceQuery, condition: SpanCondition, options: ReadOptions) {
    this.#engine = engine;
    this.#query = query;
    this.#condition = condition;
    this.#options = options;
    this.#cursor = query.cursor === undefined ? undefined : readCursor(query.cursor, query.sort);
    this.#ofSpans = condition(new Bound()) !== '1';
  }

  async run(): Promise<Heads> {
    const { start, end, limit } = this.#query;
    const to = this.#cursor && this.#cursor.value < end ? this.#cursor.value : end - 1n;
    const [windows] = await Promise.all([
      this.#windows({ from: start, to }),
      this.#late({ from: to + 1n, to: this.#cursor?.until ?? lastTime }),
    ]);
    let rows = limit * 2 + 20;
    for (const window of windows) {
      let upper = window.to;
      for (;;) {
        const read = await this.#read({ from: window.from, to: upper }, rows);
        const exhausted = read.count < rows;
        if (this.#complete(exhausted ? window.from - 1n : read.last)) return this.#page();
        if (exhausted) break;
        // More spans than are read at once may start at the same time.
        rows = read.last === upper ? rows * 4 : Math.min(rows * 4, mostRows);
        upper = read.last;
      }
    }
    return this.#page();
  }

  /**
   * Slots from the latest backwards, each window longer than the one before, within what is stored: rows are in the
   * order of their slots. The last slot is often hardly begun, so windows do not grow too fast at first.
   */
  async #windows({ from, to }: Range): Promise<Range[]> {
    if (from > to) return [];
    if (!this.#ofSpans) return [{ from, to }];
    const [stored] = await this.#engine.query<{ first: number; last: number }>(
      'SELECT min(slot) AS first, max(slot) AS last FROM spans',
      { abort: this.#options.abort },
    );
    const windows: Range[] = [];
    let last = Math.min(slotOf(to), stored!.last);
    const first = Math.max(slotOf(from), stored!.first);
    for (let length = 1; last >= first; length *= length < eagerSlots ? 2 : 4) {
      const begin = Math.max(first, last - length + 1);
      windows.push({
        from: begin === first ? from : startOfSlot(begin),
        to: windows.length === 0 ? to : windows.at(-1)!.from - 1n,
      });
      last = begin - 1;
    }
    return windows;
  }

  /** Traces of the range that have matching spans only after its end, or some. */
  async #late(range: Range): Promise<void> {
    if (range.from > range.to) return;
    const all = await this.#lateIds(range, fewLate + 1, '');
    if (all.size <= fewLate) return this.#add(all);
    // Too many to look up: only those of traces known to reach over the edge.
    const bound = new Bound();
    const reaching = `trace_id IN (SELECT trace_id FROM traces
      WHERE start < ${bound.time(range.from)} AND end >= ${bound.time(range.from - 600_000_000_000n)})`;
    await this.#add(await this.#lateIds(range, 1_000_000, reaching, bound));
  }

  async #lateIds(
    range: Range,
    limit: number,
    among: string,
    bound = new Bound(),
  ): Promise<Map<TraceId, bigint>> {
    const sql = `SELECT trace_id, max(start) AS latest FROM ${this.#rows(range, among, bound)}
      GROUP BY trace_id LIMIT ${limit}`;
    const ids = new Map<TraceId, bigint>();
    for (const block of nativeBlocks(await this.#native(sql, bound))) {
      const [id, latest] = [block.column('trace_id'), block.column('latest')];
      for (let row = 0; row < block.rows; row++)
        ids.set(id.bytes(row).toString('hex') as TraceId, latest.bigint(row));
    }
    return ids;
  }

  /** Reads up to `limit` matching spans backwards from the end of the range. */
  async #read(range: Range, limit: number): Promise<{ count: number; last: bigint }> {
    const bound = new Bound();
    const sql = `SELECT trace_id, start FROM ${this.#rows(range, '', bound)} ORDER BY start DESC LIMIT ${limit}`;
    const latest = new Map<TraceId, bigint>();
    let count = 0;
    let last = range.to;
    for (const block of nativeBlocks(await this.#native(sql, bound))) {
      const [id, start] = [block.column('trace_id'), block.column('start')];
      for (let row = 0; row < block.rows; row++) {
        const traceId = id.bytes(row).toString('hex') as TraceId;
        last = start.bigint(row);
        if (!latest.has(traceId)) latest.set(traceId, last);
      }
      count += block.rows;
    }
    await this.#add(latest);
    return { count, last };
  }

  /** FROM … WHERE: what stands for matching spans that start in the range. */
  #rows(range: Range, among: string, bound: Bound): string {
    const { start } = this.#query;
    const conditions = [
      `start >= ${bound.time(range.from)}`,
      `start <= ${bound.time(range.to)}`,
      ...(among === '' ? [] : [among]),
    ];
    const length = 'toUnixTimestamp64Nano(max(end)) - toUnixTimestamp64Nano(min(start))';
    const lengths = lengthConditions(this.#query, `(${length})`, bound);
    if (lengths.length > 0)
      conditions.push(
        `trace_id IN (SELECT trace_id FROM traces WHERE start >= ${bound.time(start)}
           GROUP BY trace_id HAVING ${lengths.join(' AND ')})`,
      );
    if (!this.#ofSpans) return `traces WHERE ${conditions.join(' AND ')}`;
    const slots = [range.from, range.to].map((time) => bound.value('UInt32', slotOf(time)));
    return `spans WHERE slot BETWEEN ${slots.join(' AND ')} AND ${conditions.join(' AND ')} AND ${this.#condition(bound)}`;
  }

  #native(sql: string, bound: Bound): Promise<Buffer> {
    return this.#engine.queryNative(sql, { params: bound.params, abort: this.#options.abort });
  }

  async #add(found: ReadonlyMap<TraceId, bigint>): Promise<void> {
    const unknown: TraceId[] = [];
    for (const [id, latest] of found) {
      const before = this.#latest.get(id);
      if (before === undefined) unknown.push(id);
      if (before === undefined || before < latest) this.#latest.set(id, latest);
    }
    for (const head of (await traceHeads(this.#engine, unknown, this.#options)).values())
      if (this.#belongs(head)) this.#accepted.set(head.traceId, head);
  }

  #belongs(head: TraceHead): boolean {
    const { start, end, minTraceDuration, maxTraceDuration } = this.#query;
    return (
      head.start >= start &&
      head.start < end &&
      (minTraceDuration === undefined || head.duration >= minTraceDuration) &&
      (maxTraceDuration === undefined || head.duration <= maxTraceDuration) &&
      (this.#cursor === undefined || this.#isAfter(head, this.#cursor))
    );
  }

  #isAfter(head: TraceHead, { value, traceId, given }: Cursor): boolean {
    if (given.includes(head.traceId)) return false;
    return head.start < value || (head.start === value && head.traceId > traceId);
  }

  /** Whether the page, and that another follows, is certain when every unknown trace starts at or before `unread`. */
  #complete(unread: bigint): boolean {
    const { limit } = this.#query;
    if (this.#accepted.size <= limit) return false;
    let sure = 0;
    for (const { start } of this.#accepted.values()) if (start > unread) sure++;
    return sure > limit;
  }

  #page(): Heads {
    const { limit, sort } = this.#query;
    const sorted = [...this.#accepted.values()].sort(byNewest);
    const heads = sorted.slice(0, limit);
    if (sorted.length <= limit) return { heads };
    const last = heads.at(-1)!;
    let until: bigint = last.start;
    for (const { traceId } of sorted.slice(limit)) {
      const latest = this.#latest.get(traceId)!;
      if (latest > until) until = latest;
    }
    const settled = Date.now() / 1000 - settledAfterS;
    const young = heads.filter(({ received }) => received > settled).map(({ traceId }) => traceId);
    const given = [...(this.#cursor?.given ?? []), ...young].slice(-mostGiven);
    return {
      heads,
      nextCursor: cursorText({ sort, value: last.start, traceId: last.traceId, until, given }),
    };
  }
}

function byNewest(a: TraceHead, b: TraceHead): number {
  if (a.start !== b.start) return a.start < b.start ? 1 : -1;
  return a.traceId < b.traceId ? -1 : 1;
}
