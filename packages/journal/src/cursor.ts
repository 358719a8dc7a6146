import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { crc32 } from 'node:zlib';
import type { Files } from './files.ts';
import type { Position } from './types.ts';

export interface CursorState {
  readonly position: Position;
  readonly pending: Position | undefined;
  /** When the pending range was begun, milliseconds since 1970; meaningless without one. */
  readonly begunMs: number;
}

/** What a cursor needs of its journal. */
export interface CursorHost {
  end(): Position;
  save(state: CursorState): Promise<void>;
  /** The cursor has moved: segments may be free now. */
  moved(): Promise<void>;
}

/**
 * One consumer's place in the journal. Between `begin` and `commit` the range [position, pending) is under way: after a
 * restart the very same range must be delivered again, so that a deduplication token made of it still holds.
 * For one caller, one call at a time.
 */
export class Cursor {
  readonly name: string;
  readonly #host: CursorHost;
  #state: CursorState;

  constructor(name: string, state: CursorState, host: CursorHost) {
    this.name = name;
    this.#state = state;
    this.#host = host;
  }

  /** Everything before it is delivered. */
  get position(): Position {
    return this.#state.position;
  }

  /** The end of the range whose delivery was begun and is not committed. */
  get pending(): Position | undefined {
    return this.#state.pending;
  }

  /** When that delivery was first begun, milliseconds since 1970: the same after a restart. */
  get begunMs(): number {
    return this.#state.begunMs;
  }

  /**
   * Says durably that [position, to) is about to be delivered. Doing it again with the same `to` changes nothing.
   * Throws when another range is under way, or when `to` is not within (position, end].
   */
  async begin(to: Position, nowMs: number = Date.now()): Promise<void> {
    const { position, pending } = this.#state;
    if (pending === to) return;
    if (pending !== undefined)
      throw new Error(`delivery of [${position}, ${pending}) is under way, not to ${to}`);
    if (!(to > position && to <= this.#host.end()))
      throw new Error(`${to} is not after ${position} or not yet durable`);
    await this.#move({ position, pending: to, begunMs: Math.trunc(nowMs) });
  }

  /** Says durably that the range begun is delivered, and frees the segments that no cursor needs any more. */
  async commit(): Promise<void> {
    const { pending } = this.#state;
    if (pending === undefined) throw new Error('there is no delivery to commit');
    await this.#move({ position: pending, pending: undefined, begunMs: 0 });
    await this.#host.moved();
  }

  async #move(state: CursorState): Promise<void> {
    await this.#host.save(state);
    this.#state = state;
  }
}

export const cursorPrefix = 'cursor-';
/** A cursor's file is never larger. */
export const cursorBytes = 64;
/** Not to be found in a cursor's file name, where '+' is written as %2B. */
export const temporarySuffix = '+new';

export function cursorPath(directory: string, name: string): string {
  return join(directory, cursorPrefix + encodeURIComponent(name));
}

/** Written beside and renamed, so that a crash leaves the old state or the new one. */
export async function saveCursor(
  files: Files,
  directory: string,
  name: string,
  state: CursorState,
): Promise<void> {
  const numbers = `${state.position} ${state.pending ?? '-'} ${state.begunMs}`;
  const text = Buffer.from(`${numbers} ${crc32(numbers).toString(16)}\n`);
  await replaceFile(files, directory, cursorPath(directory, name), text);
}

export async function replaceFile(
  files: Files,
  directory: string,
  path: string,
  content: Uint8Array,
): Promise<void> {
  const temporary = path + temporarySuffix;
  await files.unlink(temporary).catch(() => undefined);
  const fd = await files.open(temporary, 'wx');
  try {
    await files.append(fd, [content], 0);
    await files.sync(fd);
  } finally {
    await files.close(fd);
  }
  await files.rename(temporary, path);
  await files.syncDirectory(directory);
}

/** The cursors that the folder keeps; undefined as state where a file is damaged. */
export function savedCursors(directory: string): Map<string, CursorState | undefined> {
  const cursors = new Map<string, CursorState | undefined>();
  for (const file of readdirSync(directory)) {
    const name = nameOf(file);
    if (name !== undefined) cursors.set(name, parseState(readFileSync(join(directory, file), 'utf8')));
  }
  return cursors;
}

function nameOf(file: string): string | undefined {
  if (!file.startsWith(cursorPrefix) || file.endsWith(temporarySuffix)) return undefined;
  try {
    return decodeURIComponent(file.slice(cursorPrefix.length));
  } catch {
    return undefined; // Not one of ours.
  }
}

function parseState(text: string): CursorState | undefined {
  const match = /^((\d+) (\d+|-) (\d+)) ([0-9a-f]+)\n$/.exec(text);
  if (match === null || crc32(match[1]!).toString(16) !== match[5]) return undefined;
  const [position, pending, begunMs] = [match[2], match[3] === '-' ? undefined : match[3], match[4]];
  return {
    position: Number(position),
    pending: pending === undefined ? undefined : Number(pending),
    begunMs: Number(begunMs),
  };
}
