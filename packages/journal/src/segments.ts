import { join } from 'node:path';
import {
  recordHeaderBytes,
  segmentHeader,
  segmentName,
  seedOf,
  writeRecordHeader,
  type Seed,
} from './format.ts';
import type { Files } from './files.ts';
import { segmentHeaderBytes } from './format.ts';
import { Segment } from './segment.ts';
import type { Position } from './types.ts';

/** A record that waits to be written. */
export interface Entry {
  readonly payload: Uint8Array;
  readonly items: number;
  readonly payloadCheck: number;
}

/**
 * The segment files of a journal: written at the end, deleted at the beginning. There is always at least one, because
 * its name keeps the journal's position. For one caller, one call at a time; only `release` may run beside the others.
 */
export class Segments {
  readonly list: Segment[];
  readonly #files: Files;
  readonly #directory: string;
  readonly #id: string;
  readonly #seed: Seed;
  /** Of the last segment; undefined after a failure, when the next append begins a new one. */
  #fd: number | undefined;
  syncs = 0;

  constructor(files: Files, directory: string, id: string, list: Segment[], fd: number) {
    this.#files = files;
    this.#directory = directory;
    this.#id = id;
    this.#seed = seedOf(id);
    this.list = list;
    this.#fd = fd;
  }

  get last(): Segment {
    return this.list.at(-1)!;
  }

  get bytes(): number {
    let bytes = 0;
    for (const segment of this.list) bytes += segment.fileBytes;
    return bytes;
  }

  /** Writes the records to the last segment and resolves with their positions when they are durable. */
  async append(entries: readonly Entry[]): Promise<Position[]> {
    if (this.#fd === undefined) await this.#beginAfterFailure();
    const segment = this.last;
    const { buffers, positions, end } = this.#encode(entries, segment.end);
    try {
      await this.#files.append(this.#fd!, buffers, segmentHeaderBytes + segment.end - segment.base);
      await this.#files.sync(this.#fd!);
    } catch (error) {
      await this.#abandon();
      throw error;
    }
    this.syncs++;
    for (const [index, entry] of entries.entries()) {
      segment.add(positions[index]!, positions[index + 1] ?? end, entry.items);
    }
    return positions;
  }

  /** Begins a new segment, if the last one has any record. If that fails, the last one stays in use. */
  async roll(): Promise<void> {
    if (this.#fd === undefined || this.last.records === 0) return;
    const { segment, fd } = await createSegment(this.#files, this.#directory, this.last.end, this.#id);
    const old = this.#fd;
    this.#fd = fd;
    this.last.seal();
    this.list.push(segment);
    await this.#files.close(old);
  }

  /** Deletes the segments that end at or before the position, but never the last one. */
  async release(position: Position): Promise<void> {
    let deleted = 0;
    while (this.list.length > 1 && this.list[1]!.base <= position) {
      await this.#files.unlink(this.list[0]!.path);
      this.list.shift();
      deleted++;
    }
    if (deleted > 0) await this.#files.syncDirectory(this.#directory);
  }

  async close(): Promise<void> {
    const fd = this.#fd;
    this.#fd = undefined;
    if (fd !== undefined) await this.#files.close(fd);
  }

  #encode(entries: readonly Entry[], start: Position) {
    const headers = Buffer.allocUnsafe(entries.length * recordHeaderBytes);
    const buffers: Uint8Array[] = [];
    const positions: Position[] = [];
    let position = start;
    for (const [index, { payload, items, payloadCheck }] of entries.entries()) {
      const at = index * recordHeaderBytes;
      writeRecordHeader(headers, at, { length: payload.length, items, payloadCheck }, position, this.#seed);
      buffers.push(headers.subarray(at, at + recordHeaderBytes), payload);
      positions.push(position);
      position += recordHeaderBytes + payload.length;
    }
    return { buffers, positions, end: position };
  }

  /**
   * Gives the last file up at its durable end. After a failed fsync the kernel may have marked the pages as clean without
   * having written them: a second fsync of the same file would succeed and mean nothing.
   */
  async #abandon(): Promise<void> {
    const fd = this.#fd!;
    this.#fd = undefined;
    const { base, end } = this.last;
    // Best effort: what is left behind the durable end is ignored, because the next segment begins there.
    await this.#files.truncate(fd, segmentHeaderBytes + end - base).catch(() => undefined);
    await this.#files.close(fd).catch(() => undefined);
  }

  async #beginAfterFailure(): Promise<void> {
    const { segment, fd } = await createSegment(this.#files, this.#directory, this.last.end, this.#id);
    this.#fd = fd;
    if (this.last.records === 0 && this.last.base === segment.base) this.list.pop();
    else this.last.seal();
    this.list.push(segment);
  }
}

/** Makes a segment file durable; one of the same name has no records that count, and is replaced. */
export async function createSegment(
  files: Files,
  directory: string,
  base: Position,
  id: string,
): Promise<{ segment: Segment; fd: number }> {
  const path = join(directory, segmentName(base));
  await files.unlink(path).catch(ignoreMissing);
  const fd = await files.open(path, 'wx');
  try {
    await files.append(fd, [segmentHeader(base, id)], 0);
    await files.sync(fd);
    await files.syncDirectory(directory);
  } catch (error) {
    await files.close(fd).catch(() => undefined);
    await files.unlink(path).catch(() => undefined);
    throw error;
  }
  return { segment: new Segment(path, base), fd };
}

export function ignoreMissing(error: NodeJS.ErrnoException): void {
  if (error.code !== 'ENOENT') throw error;
}
