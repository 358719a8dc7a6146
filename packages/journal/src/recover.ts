import { StartError } from '@throughline/model';
import { randomBytes } from 'node:crypto';
import { fstatSync } from 'node:fs';
import { mkdir, readdir, stat } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { cursorPrefix, replaceFile, savedCursors, temporarySuffix, type CursorState } from './cursor.ts';
import type { Files } from './files.ts';
import {
  baseOf,
  formatVersion,
  seedOf,
  segmentHeader,
  segmentHeaderBytes,
  segmentName,
  type Seed,
} from './format.ts';
import { idPath, readHeader, readId, readIdFile, withFile } from './identity.ts';
import { scan } from './scan.ts';
import { Segment, visitFrom } from './segment.ts';
import { createSegment, Segments } from './segments.ts';
import type { Damage, Position } from './types.ts';

export interface JournalLog {
  info(event: string, fields?: Record<string, unknown>): void;
  warn(event: string, fields?: Record<string, unknown>): void;
}

export interface Recovered {
  readonly id: string;
  readonly segments: Segments;
  readonly cursors: ReadonlyMap<string, CursorState>;
  /** Bytes of the folder's files that are neither segments nor cursors. */
  readonly otherBytes: number;
  readonly damagedBytes: number;
}

/** Makes the folder or reads it: finds all records, cuts a torn tail off, and says in the log what is damaged. */
export async function recover(directory: string, files: Files, log: JournalLog): Promise<Recovered> {
  await makeDirectory(directory, files);
  const names = await readdir(directory);
  for (const name of names) if (name.endsWith(temporarySuffix)) await files.unlink(join(directory, name));
  const saved = savedCursors(directory);
  const bases = names.map(baseOf).filter((base) => base !== undefined);
  bases.sort((a, b) => a - b);
  const id = await keepId(directory, bases, files);

  const found = bases.map((base, index) => readSegment(directory, base, bases[index + 1], seedOf(id)));
  const list = found.map(({ segment }) => segment);
  const fd = list.length === 0 ? undefined : await openLast(found.at(-1)!, id, files, log);
  const damages = found.flatMap((segment) => segment.damages);
  for (const damage of damages) log.warn('journal damaged', { ...damage, bytes: damage.to - damage.from });
  for (const segment of list.slice(0, -1)) segment.seal();

  const start = list[0]?.base ?? 0;
  const cursors = new Map([...saved].map(([name, state]) => [name, state ?? lostCursor(name, start, log)]));
  const segments = await atEnd(list, fd, farthest(cursors.values()), { directory, files, id, log });
  await files.syncDirectory(directory);
  return {
    id,
    segments,
    cursors: new Map([...cursors].map(([name, state]) => [name, pastDamage(state, segments)])),
    otherBytes: await bytesOfOthers(directory),
    damagedBytes: damages.reduce((sum, { from, to }) => sum + to - from, 0),
  };
}

/** A folder whose name is not durable would be lost with all that is in it. */
async function makeDirectory(directory: string, files: Files): Promise<void> {
  const first = await mkdir(resolve(directory), { recursive: true, mode: 0o750 });
  if (first === undefined) return;
  for (let path = resolve(directory); path.length >= first.length; path = dirname(path)) {
    await files.syncDirectory(dirname(path));
  }
}

async function keepId(directory: string, bases: readonly Position[], files: Files): Promise<string> {
  const kept = readIdFile(directory);
  if (kept !== undefined) return kept;
  const id = readId(directory, bases) ?? randomBytes(8).toString('hex');
  await replaceFile(files, directory, idPath(directory), Buffer.from(`${id}\n`));
  return id;
}

interface ReadSegment {
  readonly segment: Segment;
  readonly damages: Damage[];
}

/**
 * Of the last segment all bytes are checked. Of the others only the headers of the records: they were whole when the
 * segment after them was begun, and reading them all would delay the start; readers check the payloads.
 */
function readSegment(
  directory: string,
  base: Position,
  nextBase: Position | undefined,
  seed: Seed,
): ReadSegment {
  const path = join(directory, segmentName(base));
  return withFile(path, (fd) => {
    const version = readHeader(fd)?.version ?? formatVersion;
    if (version > formatVersion)
      throw new StartError(`the journal in ${directory} was written by a newer version`);
    const segment = new Segment(path, base);
    const damages: Damage[] = [];
    const fileBytes = fstatSync(fd).size;
    const to = Math.min(base + Math.max(0, fileBytes - segmentHeaderBytes), nextBase ?? Infinity);
    for (const found of scan({ fd, base, to, seed }, nextBase === undefined)) {
      if (found.damage !== undefined) damages.push(found.damage);
      else segment.add(found.position, found.next, found.items);
    }
    if (nextBase !== undefined && to < nextBase) {
      damages.push({ from: to, to: nextBase, records: 0, items: 0, reason: 'missing' });
    }
    segment.fileBytes = fileBytes;
    return { segment, damages };
  });
}

/**
 * Cuts the torn tail off the last segment, which is no damage then, and makes durable what was found. Returns the file's
 * descriptor for appending.
 */
async function openLast(
  { segment, damages }: ReadSegment,
  id: string,
  files: Files,
  log: JournalLog,
): Promise<number> {
  const fd = await files.open(segment.path, 'r+');
  const bytes = segmentHeaderBytes + segment.end - segment.base;
  const torn = damages.filter(({ from }) => from >= segment.end);
  if (segment.fileBytes > bytes) {
    const records = torn.reduce((sum, damage) => sum + Math.max(1, damage.records), 0);
    log.warn('journal tail cut off', { at: segment.end, records, bytes: segment.fileBytes - bytes });
    await files.truncate(fd, bytes);
  }
  damages.splice(damages.length - torn.length, torn.length);
  // Always written again: a crash while the file was made leaves no header or a piece of one.
  await files.append(fd, [segmentHeader(segment.base, id)], 0);
  await files.sync(fd);
  segment.fileBytes = bytes;
  return fd;
}

function lostCursor(name: string, start: Position, log: JournalLog): CursorState {
  log.warn('journal cursor damaged, begins again', { cursor: name, at: start });
  return { position: start, pending: undefined, begunMs: 0 };
}

function farthest(cursors: Iterable<CursorState>): Position {
  let position = 0;
  for (const state of cursors) position = Math.max(position, state.pending ?? state.position);
  return position;
}

/**
 * The segments, ending where no cursor has been: if records are lost that were delivered or under way, their positions
 * must not be given to others, for deduplication tokens are made of positions.
 */
async function atEnd(
  list: Segment[],
  fd: number | undefined,
  reached: Position,
  { directory, files, id, log }: { directory: string; files: Files; id: string; log: JournalLog },
): Promise<Segments> {
  const end = list.at(-1)?.end ?? 0;
  if (fd !== undefined && end >= reached) return new Segments(files, directory, id, list, fd);
  if (end < reached) log.warn('journal ends before a cursor', { end, reached, bytes: reached - end });
  const created = await createSegment(files, directory, reached, id);
  if (fd !== undefined) await files.close(fd);
  list.at(-1)?.seal();
  return new Segments(files, directory, id, [...list, created.segment], created.fd);
}

/** A cursor before damage that nothing but damage follows has nothing to deliver there. */
function pastDamage(state: CursorState, segments: Segments): CursorState {
  if (state.pending !== undefined) return state;
  let position = segments.last.end;
  visitFrom(segments.list, state.position, (first) => {
    position = first;
    return false;
  });
  return { ...state, position };
}

async function bytesOfOthers(directory: string): Promise<number> {
  let bytes = 0;
  for (const name of await readdir(directory)) {
    if (baseOf(name) !== undefined || name.startsWith(cursorPrefix)) continue;
    bytes += (await stat(join(directory, name))).size;
  }
  return bytes;
}
