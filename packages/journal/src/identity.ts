import { closeSync, openSync, readFileSync, readSync } from 'node:fs';
import { join } from 'node:path';
import { parseSegmentHeader, segmentHeaderBytes, segmentName, type SegmentHeader } from './format.ts';
import type { Position } from './types.ts';

/** The file that keeps the journal's id. */
export function idPath(directory: string): string {
  return join(directory, 'id');
}

export function readIdFile(directory: string): string | undefined {
  try {
    const text = readFileSync(idPath(directory), 'latin1');
    return /^[0-9a-f]{16}\n$/.test(text) ? text.trim() : undefined;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    return undefined;
  }
}

/** The journal's id as the folder's file says, or, if that is lost, any segment's header. */
export function readId(directory: string, bases: readonly Position[]): string | undefined {
  const id = readIdFile(directory);
  if (id !== undefined) return id;
  for (const base of bases) {
    const header = withFile(join(directory, segmentName(base)), readHeader);
    if (header !== undefined) return header.id;
  }
  return undefined;
}

/** The header of an open segment file, unless it is damaged. */
export function readHeader(fd: number): SegmentHeader | undefined {
  const header = Buffer.alloc(segmentHeaderBytes);
  return parseSegmentHeader(header.subarray(0, readSync(fd, header, 0, segmentHeaderBytes, 0)));
}

export function withFile<T>(path: string, use: (fd: number) => T): T {
  const fd = openSync(path, 'r');
  try {
    return use(fd);
  } finally {
    closeSync(fd);
  }
}
