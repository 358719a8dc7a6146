import * as fs from 'node:fs';
import * as fsp from 'node:fs/promises';

/**
 * What the journal does to the disk when it writes. Tests put faults in here.
 * The callback functions of node:fs are used for the hot ones: FileHandle costs about twice the CPU.
 */
export interface Files {
  /** The descriptor of a file; `wx` makes it and fails if it exists, `r+` opens it. */
  open(path: string, flags: 'wx' | 'r+'): Promise<number>;
  /** Writes all of the buffers one after the other, the first one at byte `at`. */
  append(fd: number, buffers: readonly Uint8Array[], at: number): Promise<void>;
  /** Makes the data of the file durable (fdatasync). */
  sync(fd: number): Promise<void>;
  truncate(fd: number, bytes: number): Promise<void>;
  close(fd: number): Promise<void>;
  /** Makes the names in a folder durable. */
  syncDirectory(path: string): Promise<void>;
  rename(from: string, to: string): Promise<void>;
  unlink(path: string): Promise<void>;
  /** Bytes that the file system still has for us. */
  freeBytes(path: string): Promise<number>;
}

export const diskFiles: Files = {
  open: (path, flags) => call((done) => fs.open(path, flags, 0o640, done)),
  append: appendAll,
  sync: (fd) => call((done) => fs.fdatasync(fd, done)),
  truncate: (fd, bytes) => call((done) => fs.ftruncate(fd, bytes, done)),
  close: (fd) => call((done) => fs.close(fd, done)),
  async syncDirectory(path) {
    const folder = await fsp.open(path, 'r');
    try {
      await folder.sync();
    } finally {
      await folder.close();
    }
  },
  rename: (from, to) => fsp.rename(from, to),
  unlink: (path) => fsp.unlink(path),
  async freeBytes(path) {
    const { bavail, bsize } = await fsp.statfs(path);
    return bavail * bsize;
  },
};

async function appendAll(fd: number, buffers: readonly Uint8Array[], at: number): Promise<void> {
  let rest = buffers;
  let position = at;
  while (rest.length > 0) {
    const written = await call<number>((done) => fs.writev(fd, rest, position, done));
    position += written;
    rest = unwritten(rest, written);
  }
}

/** What is left of the buffers when their first `bytes` bytes are written: the system may take less than it is given. */
export function unwritten(buffers: readonly Uint8Array[], bytes: number): readonly Uint8Array[] {
  let left = bytes;
  let at = 0;
  while (at < buffers.length && left >= buffers[at]!.length) left -= buffers[at++]!.length;
  const rest = buffers.slice(at);
  if (left > 0) rest[0] = rest[0]!.subarray(left);
  return rest;
}

function call<T = void>(start: (done: (error: Error | null, value?: T) => void) => void): Promise<T> {
  return new Promise((resolve, reject) => {
    start((error, value) => (error ? reject(error) : resolve(value as T)));
  });
}
