import { unixNanos } from '@throughline/model';
import type { Engine } from '../../engine/engine.ts';
import { Bound } from '../bound.ts';
import { logCondition, type LogCondition } from './log-condition.ts';
import { logCursorText, readLogCursor, type LogCursor } from './log-cursor.ts';
import type { LogPage, LogQuery, StoredLog } from './log-query.ts';
import { logColumns, recordsOf } from './log-records.ts';
import { minuteOf } from '../minutes.ts';
import { nativeBlocks } from '../native-rows.ts';
import { sourcesOf } from '../trace/stored-spans.ts';
import type { ReadOptions } from '../trace-store.ts';

const usualPatienceMs = 3_000;
/** A window that took so long is long enough. */
const slowWindowMs = 700;

/** What all records of one time are put in order by. Equal records are interchangeable. */
const hash = `cityHash64(trace_id, span_id, observed, severity, service, event_name, body_text, body,
  attributes_string, attributes_int, attributes_double, attributes_bool, attributes_other, resource_id, scope_id)`;

/**
 * A page of log records in the order of time. The table is in the order of minutes, so it is read minute by minute from
 * one end of the range, in windows that grow: first only the times of records that match, until there are enough for
 * the page; then the records between those times, whole. After `patienceMs` a page is given as far as it was found.
 */
export async function searchLogs(
  engine: Engine,
  query: LogQuery,
  options: ReadOptions = {},
  patienceMs = usualPatienceMs,
): Promise<LogPage> {
  const condition = await logCondition(engine, query, options);
  return new LogSearch(engine, query, condition, options).run(patienceMs);
}

/** Both ends included. */
interface Range {
  readonly from: bigint;
  readonly to: bigint;
}

class LogSearch {
  readonly #engine: Engine;
  readonly #query: LogQuery;
  readonly #condition: LogCondition;
  readonly #options: ReadOptions;
  readonly #cursor: LogCursor | undefined;
  readonly #newestFirst: boolean;

  constructor(engine: Engine, query: LogQuery, condition: LogCondition, options: ReadOptions) {
    this.#engine = engine;
    this.#query = query;
    this.#condition = condition;
    this.#options = options;
    this.#cursor = query.cursor === undefined ? undefined : readLogCursor(query.cursor, query.order);
    this.#newestFirst = query.order === 'newest';
  }

  async run(patienceMs: number): Promise<LogPage> {
    const range = await this.#range();
    if (range.from > range.to) return { logs: [] };
    const wanted = this.#query.limit + 1 + (this.#cursor?.atTime ?? 0);
    const begun = performance.now();
    let found = 0;
    let minutes = this.#query.traceId === undefined ? 1 : Infinity;
    for (let rest = range; ;) {
      const [window, after] = this.#cut(rest, minutes);
      const windowBegun = performance.now();
      const times = await this.#times(window, wanted - found);
      found += times.count;
      if (found >= wanted) return this.#page(this.#upTo(range, times.last));
      if (!after) return this.#page(range);
      const now = performance.now();
      if (now - begun > patienceMs)
        return this.#page(this.#upTo(range, this.#end(window)), this.#begin(after));
      if (now - windowBegun < slowWindowMs) minutes *= 2;
      rest = after;
    }
  }

  /** What is left of the range behind the cursor, within what is stored. */
  async #range(): Promise<Range> {
    const { start, end } = this.#query;
    const { abort } = this.#options;
    const [stored] = await this.#engine.query<{ first: number; last: number }>(
      'SELECT min(minute) AS first, max(minute) AS last FROM logs',
      { abort },
    );
    const first = BigInt(stored!.first) * 60_000_000_000n - 1_000n;
    const last = BigInt(stored!.last + 1) * 60_000_000_000n + 1_000n;
    const time = this.#cursor?.time;
    const from = time !== undefined && !this.#newestFirst ? max(start, time) : start;
    const to = time !== undefined && this.#newestFirst ? min(end - 1n, time) : end - 1n;
    return { from: max(from, first), to: min(to, last) };
  }

  /** The part of the range that is read next: so many whole minutes; and what is left of it. */
  #cut({ from, to }: Range, minutes: number): [Range, Range | undefined] {
    if (minutes >= minuteOf(to) - minuteOf(from) + 1) return [{ from, to }, undefined];
    const length = BigInt(minutes) * 60_000_000_000n;
    if (this.#newestFirst) {
      const edge = (to / 60_000_000_000n + 1n) * 60_000_000_000n - length;
      return edge <= from
        ? [{ from, to }, undefined]
        : [
            { from: edge, to },
            { from, to: edge - 1n },
          ];
    }
    const edge = (from / 60_000_000_000n) * 60_000_000_000n + length;
    return edge > to
      ? [{ from, to }, undefined]
      : [
          { from, to: edge - 1n },
          { from: edge, to },
        ];
  }

  /** The side of a window that is read first, and the one that is read last. */
  #begin({ from, to }: Range): bigint {
    return this.#newestFirst ? to : from;
  }
  #end({ from, to }: Range): bigint {
    return this.#newestFirst ? from : to;
  }
  #upTo({ from, to }: Range, last: bigint): Range {
    return this.#newestFirst ? { from: last, to } : { from, to: last };
  }

  /** How many records of the window match, `limit` at most, and the time of the last of them. */
  async #times(window: Range, limit: number): Promise<{ count: number; last: bigint }> {
    const bound = new Bound();
    const [row] = await this.#engine.query<{ rows: number; last: string }>(
      `SELECT toFloat64(count()) AS rows, toUnixTimestamp64Nano(${this.#newestFirst ? 'min' : 'max'}(time)) AS last
       FROM (SELECT time FROM logs WHERE ${this.#where(window, bound)} ORDER BY time ${this.#direction} LIMIT ${limit})`,
      { params: bound.params, abort: this.#options.abort },
    );
    return { count: row!.rows, last: BigInt(row!.last) };
  }

  /** The records of the range, which has a few more than the page. `goOn`: the time that was not looked at any more. */
  async #page(range: Range, goOn?: bigint): Promise<LogPage> {
    const { limit } = this.#query;
    const skip = this.#cursor?.equal ?? 0;
    const rows = (await this.#rows(range, limit + 1 + skip)).slice(skip);
    const logs = rows.slice(0, limit);
    const last = logs.at(-1);
    if (rows.length > limit && last) return { logs, nextCursor: this.#after(logs, last) };
    if (goOn === undefined) return { logs };
    const { order } = this.#query;
    return {
      logs,
      nextCursor: logCursorText({ order, time: goOn, hash: 0n, equal: 0, atTime: 0 }),
      searchedTo: unixNanos(this.#end(range)),
    };
  }

  async #rows(range: Range, limit: number): Promise<Row[]> {
    const bound = new Bound();
    const after =
      this.#cursor && this.#cursor.atTime > 0
        ? `AND (time != ${bound.time(this.#cursor.time)} OR hash >= ${bound.value('UInt64', this.#cursor.hash)})`
        : '';
    const answer = await this.#engine.queryNative(
      `SELECT ${logColumns}, ${hash} AS hash FROM logs WHERE ${this.#where(range, bound)} ${after}
       ORDER BY time ${this.#direction}, hash LIMIT ${limit}`,
      { params: bound.params, abort: this.#options.abort },
    );
    const blocks = [...nativeBlocks(answer)];
    const sources = await sourcesOf(this.#engine, blocks, this.#options);
    return blocks.flatMap((block) => {
      const [time, hashes] = [block.column('time'), block.column('hash')];
      return recordsOf(block, sources).map((record, n): Row => {
        const [at, of] = [time.bigint(n), hashes.bigint(n)];
        return { id: `${at}-${of.toString(16).padStart(16, '0')}`, record, time: at, hash: of };
      });
    });
  }

  #where({ from, to }: Range, bound: Bound): string {
    const minutes = [from, to].map((time) => bound.value('UInt32', Math.max(0, minuteOf(time))));
    return `minute BETWEEN ${minutes.join(' AND ')} AND time >= ${bound.time(from)} AND time <= ${bound.time(to)}
      AND ${this.#condition(bound)}`;
  }

  get #direction(): 'DESC' | 'ASC' {
    return this.#newestFirst ? 'DESC' : 'ASC';
  }

  /** The cursor behind `last`, the last one of `logs`. */
  #after(logs: readonly Row[], last: Row): string {
    const before = this.#cursor?.time === last.time ? this.#cursor : undefined;
    const same = logs.filter(({ time }) => time === last.time);
    const equal = same.filter((row) => row.hash === last.hash).length;
    return logCursorText({
      order: this.#query.order,
      time: last.time,
      hash: last.hash,
      equal: equal + (before?.hash === last.hash ? before.equal : 0),
      atTime: same.length + (before?.atTime ?? 0),
    });
  }
}

interface Row extends StoredLog {
  readonly time: bigint;
  readonly hash: bigint;
}

function max(a: bigint, b: bigint): bigint {
  return a > b ? a : b;
}

function min(a: bigint, b: bigint): bigint {
  return a < b ? a : b;
}
