import { gunzip, gunzipSync, gzip, inflate, inflateSync } from 'node:zlib';
import { InvalidData } from '@throughline/model';
import { TooLarge } from './too-large.ts';
import { zstd } from './zstd.ts';

/** The compressions understood; `deflate` and `zlib` are both the zlib format (RFC 1950), as HTTP defines deflate. */
export const contentCodings = ['gzip', 'zstd', 'deflate', 'zlib'] as const;
export type ContentCoding = (typeof contentCodings)[number];

export function isContentCoding(name: string): name is ContentCoding {
  return (contentCodings as readonly string[]).includes(name);
}

/** Up to this size inflating at once is cheaper than a trip through the thread pool, and short enough not to be felt. */
const smallBytes = 200 * 1024;
/** A sender may lie about the size: this much is believed at a time. */
const largestChunk = 1024 * 1024;

/**
 * The bytes before compression if they are few, found out at once; undefined if they are many, or zstd. Throws
 * InvalidData when they are damaged. Hot: runs for every compressed request.
 */
export function decompressSmall(
  coding: ContentCoding,
  bytes: Uint8Array,
  maxBytes: number,
): Uint8Array | undefined {
  if (coding === 'zstd' || bytes.length > smallBytes) return undefined;
  const chunkSize = guessSize(coding, bytes, maxBytes);
  if (chunkSize > smallBytes) return undefined;
  const inflateNow = coding === 'gzip' ? gunzipSync : inflateSync;
  try {
    return inflateNow(bytes, { chunkSize, maxOutputLength: Math.min(maxBytes, 2 * smallBytes) });
  } catch (error) {
    if (isTooLarge(error as Error)) return undefined;
    throw damaged(coding, error as Error);
  }
}

/**
 * The bytes before compression, found out beside the main thread where the library can do that. Rejects with
 * InvalidData when they are damaged, and with TooLarge as soon as there are more than `maxBytes`: no more is ever held.
 */
export function decompress(coding: ContentCoding, bytes: Uint8Array, maxBytes: number): Promise<Uint8Array> {
  if (coding === 'zstd') return zstd.decompress(bytes, maxBytes);
  const inflateInThread = coding === 'gzip' ? gunzip : inflate;
  const chunkSize = Math.min(guessSize(coding, bytes, maxBytes), largestChunk);
  return new Promise((resolve, reject) =>
    inflateInThread(bytes, { chunkSize, maxOutputLength: maxBytes }, (error, out) => {
      if (!error) resolve(out);
      else if (isTooLarge(error)) reject(new TooLarge('the decompressed message', maxBytes));
      else reject(damaged(coding, error));
    }),
  );
}

/** Compresses in the thread pool. */
export function compress(coding: 'gzip' | 'zstd', bytes: Uint8Array, level?: number): Promise<Uint8Array> {
  if (coding === 'zstd') return zstd.compress(bytes, level);
  return new Promise((resolve, reject) =>
    gzip(bytes, level === undefined ? {} : { level }, (error, out) => (error ? reject(error) : resolve(out))),
  );
}

/** A gzip member ends in its inflated size (RFC 1952), which a sender may lie about: a guess, used for the buffer only. */
function guessSize(coding: ContentCoding, bytes: Uint8Array, maxBytes: number): number {
  const end = bytes.length;
  const told =
    coding === 'gzip' && end >= 18
      ? (bytes[end - 4]! | (bytes[end - 3]! << 8) | (bytes[end - 2]! << 16) | (bytes[end - 1]! << 24)) >>> 0
      : 4 * end;
  return Math.max(1024, Math.min(told, 64 * end, maxBytes) + 64);
}

function isTooLarge(error: NodeJS.ErrnoException): boolean {
  return error.code === 'ERR_BUFFER_TOO_LARGE';
}

function damaged(coding: ContentCoding, cause: Error): InvalidData {
  return new InvalidData(`${coding}: ${cause.message}`, { cause });
}
