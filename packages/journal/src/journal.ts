import { InvalidData, Overloaded, StartError } from '@throughline/model';
import { Cursor, cursorBytes, cursorPath, saveCursor, type CursorState } from './cursor.ts';
import { diskFiles, type Files } from './files.ts';
import { maxPayloadBytes, payloadCheck, recordHeaderBytes } from './format.ts';
import { recover, type JournalLog, type Recovered } from './recover.ts';
import { visitFrom } from './segment.ts';
import { ignoreMissing, type Entry, type Segments } from './segments.ts';
import { Space } from './space.ts';
import type { Position, Range } from './types.ts';

export interface JournalOptions {
  readonly directory: string;
  /** Bytes of all files in the folder; default 10 GiB. */
  readonly maxBytes?: number;
  /** What the file system must have left; default 1 GiB. */
  readonly minFreeBytes?: number;
  /** A new segment is begun when this would be exceeded; default 64 MiB, at most an eighth of `maxBytes`. */
  readonly segmentBytes?: number;
  readonly log: JournalLog;
  /** Test seam for faults only. */
  readonly files?: Files;
}

export interface JournalStats {
  /** Of all files in the folder. */
  readonly bytes: number;
  readonly maxBytes: number;
  /** What the file system had left when it was last asked; undefined before the first append. */
  readonly freeBytes: number | undefined;
  readonly segments: number;
  /** Since the journal was opened, as the three that follow. */
  readonly appendedBytes: number;
  readonly appendedRecords: number;
  readonly appendedItems: number;
  /** Group commits. */
  readonly syncs: number;
  /** Bytes of appends that are not durable yet. */
  readonly waitingBytes: number;
  /** Bytes that were found unreadable when the journal was opened, without the torn tail. */
  readonly damagedBytes: number;
}

interface Waiting extends Entry {
  resolve(position: Position): void;
  reject(error: Error): void;
}

const retryAfterMs = 1000;
/** More than this is never held in memory for a disk that cannot keep up. */
const maxWaitingBytes = 256 * 1024 * 1024;

/**
 * A durable log of batches on the local disk. What was appended stays until every cursor has passed it.
 * Only one process may have a journal open; whoever opens it holds a lock on some folder above.
 */
export class Journal {
  readonly directory: string;
  /** 16 hex digits, random, made once and kept in the folder; part of deduplication tokens. */
  readonly id: string;
  readonly #files: Files;
  readonly #log: JournalLog;
  readonly #maxBytes: number;
  readonly #segmentBytes: number;
  readonly #segments: Segments;
  readonly #space: Space;
  readonly #cursors = new Map<string, Cursor>();
  readonly #damagedBytes: number;
  readonly #otherBytes: number;
  #queue: Waiting[] = [];
  #waitingBytes = 0;
  #appended = { bytes: 0, records: 0, items: 0 };
  #working: Promise<void> | undefined;
  #releasing: Promise<void> = Promise.resolve();
  #shrink = false;
  #failure: Error | undefined;
  #closed = false;
  #waiters = new Set<() => void>();

  /**
   * Makes the folder, or reads it and repairs what a crash left: a torn tail is cut off with one line in the log.
   * Throws StartError when the files are of a newer version or the folder cannot be used.
   */
  static async open(options: JournalOptions): Promise<Journal> {
    const { directory, files = diskFiles, log } = options;
    try {
      return new Journal(options, files, await recover(directory, files, log));
    } catch (error) {
      if (error instanceof StartError) throw error;
      throw new StartError(`the journal in ${directory} cannot be opened: ${(error as Error).message}`, {
        cause: error,
      });
    }
  }

  private constructor(options: JournalOptions, files: Files, found: Recovered) {
    this.directory = options.directory;
    this.id = found.id;
    this.#files = files;
    this.#log = options.log;
    this.#maxBytes = options.maxBytes ?? 10 * 2 ** 30;
    this.#segmentBytes = Math.min(
      options.segmentBytes ?? 64 * 2 ** 20,
      Math.floor(this.#maxBytes / 8),
      2 ** 31,
    );
    this.#segments = found.segments;
    this.#space = new Space(files, options.directory, options.minFreeBytes ?? 2 ** 30);
    this.#damagedBytes = found.damagedBytes;
    this.#otherBytes = found.otherBytes;
    for (const [name, state] of found.cursors) this.#addCursor(name, state);
  }

  /** Where the oldest record that is kept begins. */
  get start(): Position {
    return this.#segments.list[0]!.base;
  }

  /** Where the next record will begin: everything before it is durable. */
  get end(): Position {
    return this.#segments.last.end;
  }

  /**
   * Writes a record and resolves with its position once a crash can no longer lose it; all that wait at the same time
   * share one fsync. Records stand in the order of the calls. The payload must not change until then.
   * Rejects with Overloaded when the disk limit or the free-space floor is reached or the disk is full, with InvalidData
   * when the payload could never fit (1 GiB or half of `maxBytes`), with another error when the disk fails; then
   * the record is not in the journal.
   */
  append(payload: Uint8Array, items: number): Promise<Position> {
    const refusal = this.#refusal(payload.length + recordHeaderBytes);
    if (refusal !== undefined) return Promise.reject(refusal);
    return new Promise((resolve, reject) => {
      this.#queue.push({ payload, items, payloadCheck: payloadCheck(payload), resolve, reject });
      this.#waitingBytes += payload.length + recordHeaderBytes;
      this.#work();
    });
  }

  /**
   * The cursor of that name. A new one begins at the journal's start, that is with everything that is still kept for
   * others: an exporter that replaces another one then gets what that one left, and nothing falls between them. It is
   * durable from its first `begin` on, so make all cursors before any of them commits.
   */
  cursor(name: string): Cursor {
    return (
      this.#cursors.get(name) ??
      this.#addCursor(name, { position: this.start, pending: undefined, begunMs: 0 })
    );
  }

  cursors(): readonly Cursor[] {
    return [...this.#cursors.values()];
  }

  /** Forgets the cursor, and with it what was kept for it alone. */
  async removeCursor(name: string): Promise<void> {
    if (!this.#cursors.delete(name)) return;
    await this.#files.unlink(cursorPath(this.directory, name)).catch(ignoreMissing);
    await this.#files.syncDirectory(this.directory);
    await this.#release();
  }

  /** Resolves when there is something at or after the position, that is when `end > position`; rejects when aborted or closed. */
  waitPast(position: Position, abort: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      const check = () => {
        if (this.end > position) finish(resolve);
        else if (abort.aborted) finish(() => reject(abort.reason as Error));
        else if (this.#closed) finish(() => reject(new Error('the journal is closed')));
      };
      const finish = (settle: () => void) => {
        this.#waiters.delete(check);
        abort.removeEventListener('abort', check);
        settle();
      };
      this.#waiters.add(check);
      abort.addEventListener('abort', check);
      check();
    });
  }

  /**
   * The longest range from `from` that ends at a record boundary and is at most `maxBytes` long, but at least one
   * record, if there is any. Found in memory. Damaged bytes belong to the range before them; a range without records
   * but not empty is damaged wholly, and to be committed as any other.
   */
  rangeFrom(from: Position, maxBytes: number): Range {
    let to = from;
    let records = 0;
    let items = 0;
    visitFrom(this.#segments.list, from, (_, next, more) => {
      if (records > 0 && next - from > maxBytes) return false;
      to = next;
      records++;
      items += more;
      return true;
    });
    return { from, to: records > 0 ? to : Math.max(from, this.end), records, items };
  }

  /** What stands between two record boundaries, as for a range that was begun before a restart. */
  range(from: Position, to: Position): Range {
    let records = 0;
    let items = 0;
    visitFrom(this.#segments.list, from, (position, _, more) => {
      if (position >= to) return false;
      records++;
      items += more;
      return true;
    });
    return { from, to, records, items };
  }

  stats(): JournalStats {
    return {
      bytes: this.#bytes,
      maxBytes: this.#maxBytes,
      freeBytes: this.#space.freeBytes,
      segments: this.#segments.list.length,
      appendedBytes: this.#appended.bytes,
      appendedRecords: this.#appended.records,
      appendedItems: this.#appended.items,
      syncs: this.#segments.syncs,
      waitingBytes: this.#waitingBytes,
      damagedBytes: this.#damagedBytes,
    };
  }

  /** Finishes what is waiting; appends after it are rejected. */
  async close(): Promise<void> {
    this.#closed = true;
    await this.#working;
    await this.#releasing;
    for (const check of this.#waiters) check();
    await this.#segments.close();
  }

  get #bytes(): number {
    return this.#segments.bytes + this.#otherBytes + this.#cursors.size * cursorBytes;
  }

  #refusal(bytes: number): Error | undefined {
    if (this.#closed) return new Error('the journal is closed');
    if (bytes > Math.min(maxPayloadBytes, this.#maxBytes / 2)) {
      return new InvalidData(
        `${bytes} bytes are too many for one record of a journal of ${this.#maxBytes} bytes`,
      );
    }
    if (this.#bytes + this.#waitingBytes + bytes > this.#maxBytes) {
      return new Overloaded(`the journal is full (${this.#maxBytes} bytes)`, retryAfterMs);
    }
    if (this.#waitingBytes > 0 && this.#waitingBytes + bytes > maxWaitingBytes) {
      return new Overloaded('the disk cannot keep up', retryAfterMs);
    }
    return undefined;
  }

  /** Starts the one loop that writes, unless it runs. */
  #work(): void {
    this.#working ??= this.#writeAll();
  }

  async #writeAll(): Promise<void> {
    while (this.#queue.length > 0 || this.#shrink) {
      if (this.#shrink) await this.#rollDelivered();
      // Whoever was answered by the commit before this one may append again first, and share the next.
      await new Promise(setImmediate);
      if (this.#queue.length > 0) await this.#commit();
    }
    // In the same turn as the last look at the queue: what is appended after it must start the loop again.
    this.#working = undefined;
  }

  async #commit(): Promise<void> {
    let group: Waiting[] = [];
    try {
      await this.#space.check();
      if (this.#exceeds(this.#queue[0]!, this.#segments.last.fileBytes)) await this.#segments.roll();
      group = this.#takeGroup();
      const positions = await this.#segments.append(group);
      this.#count(group);
      for (const [index, waiting] of group.entries()) waiting.resolve(positions[index]!);
      for (const check of this.#waiters) check();
      this.#failing(undefined);
    } catch (error) {
      this.#failing(error as Error);
      this.#rejectAll(group, refusalOf(error as NodeJS.ErrnoException));
    }
  }

  #exceeds({ payload }: Entry, bytes: number): boolean {
    return bytes + recordHeaderBytes + payload.length > this.#segmentBytes;
  }

  /** As many as the segment takes, at least one. */
  #takeGroup(): Waiting[] {
    let bytes = this.#segments.last.fileBytes;
    let count = 0;
    do bytes += recordHeaderBytes + this.#queue[count++]!.payload.length;
    while (count < this.#queue.length && !this.#exceeds(this.#queue[count]!, bytes));
    return this.#queue.splice(0, count);
  }

  #count(group: readonly Waiting[]): void {
    for (const { payload, items } of group) {
      const bytes = recordHeaderBytes + payload.length;
      this.#waitingBytes -= bytes;
      this.#space.used(bytes);
      this.#appended.bytes += bytes;
      this.#appended.records++;
      this.#appended.items += items;
    }
  }

  /** Says once that writing fails, and once that it works again. */
  #failing(error: Error | undefined): void {
    if ((error === undefined) === (this.#failure === undefined)) return;
    this.#failure = error;
    if (error === undefined) this.#log.info('journal can be written again');
    else this.#log.warn('journal cannot be written', { error: error.message });
  }

  /** A disk that failed for one fails for all that wait. */
  #rejectAll(group: readonly Waiting[], error: Error): void {
    const refused = [...group, ...this.#queue];
    this.#queue = [];
    this.#waitingBytes = 0;
    for (const waiting of refused) waiting.reject(error);
  }

  #addCursor(name: string, state: CursorState): Cursor {
    const cursor = new Cursor(name, state, {
      end: () => this.end,
      save: (next) => saveCursor(this.#files, this.directory, name, next),
      moved: () => this.#release(),
    });
    this.#cursors.set(name, cursor);
    return cursor;
  }

  /** Deletes what all cursors have passed, and begins a new segment when the last one is large and passed as well. */
  async #release(): Promise<void> {
    if (this.#cursors.size === 0) return;
    this.#releasing = this.#releasing.then(() => this.#deletePassed());
    await this.#releasing;
    if (
      this.#passed() === this.end &&
      this.#segments.last.fileBytes > this.#segmentBytes / 4 &&
      !this.#closed
    ) {
      this.#shrink = true;
      this.#work();
    }
  }

  async #rollDelivered(): Promise<void> {
    this.#shrink = false;
    try {
      if (this.#passed() === this.end) await this.#segments.roll();
    } catch (error) {
      this.#log.warn('journal segment not begun', { error: String(error) });
    }
    this.#releasing = this.#releasing.then(() => this.#deletePassed());
  }

  async #deletePassed(): Promise<void> {
    try {
      await this.#segments.release(this.#passed());
    } catch (error) {
      this.#log.warn('journal segment not deleted', { error: String(error) });
    }
  }

  #passed(): Position {
    if (this.#cursors.size === 0) return this.start;
    return Math.min(...[...this.#cursors.values()].map(({ position }) => position));
  }
}

function refusalOf(error: NodeJS.ErrnoException): Error {
  if (error instanceof Overloaded) return error;
  if (error.code === 'ENOSPC' || error.code === 'EDQUOT') {
    return new Overloaded('the disk of the journal is full', retryAfterMs, { cause: error });
  }
  return new Error(`the journal cannot be written: ${error.message}`, { cause: error });
}
