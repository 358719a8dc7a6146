import { gunzip, gunzipSync, gzip, inflate, inflateSync, type ZlibOptions } from 'node:zlib';
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
const syncBytes = 200 * 1024;

/**
 * The bytes before compression. Throws InvalidData when they are damaged, and TooLarge as soon as there are more than
 * `maxBytes`: no more than that is ever held.
 */
export async function decompress(
  coding: ContentCoding,
  bytes: Uint8Array,
  maxBytes: number,
): Promise<Uint8Array> {
  if (coding === 'zstd') return zstd.decompress(bytes, maxBytes);
  const [sync, threaded] = coding === 'gzip' ? [gunzipSync, gunzip] : [inflateSync, inflate];
  const guess = guessSize(coding, bytes, maxBytes);
  if (guess <= syncBytes && bytes.length <= syncBytes) {
    const out = inflateNow(
      () => sync(bytes, { chunkSize: guess, maxOutputLength: Math.min(maxBytes, 2 * syncBytes) }),
      coding,
    );
    if (out) return out;
  }
  return new Promise((resolve, reject) => {
    const options: ZlibOptions = { chunkSize: guess, maxOutputLength: maxBytes };
    threaded(bytes, options, (error, out) => {
      if (!error) resolve(out);
      else if (isTooLarge(error)) reject(new TooLarge('the decompressed message', maxBytes));
      else reject(damaged(coding, error));
    });
  });
}

/** Compresses in the thread pool. */
export function compress(coding: 'gzip' | 'zstd', bytes: Uint8Array, level?: number): Promise<Uint8Array> {
  if (coding === 'zstd') return zstd.compress(bytes, level);
  return new Promise((resolve, reject) =>
    gzip(bytes, level === undefined ? {} : { level }, (error, out) => (error ? reject(error) : resolve(out))),
  );
}

/** The inflated bytes, or undefined when they are more than can be inflated at once. */
function inflateNow(inflate: () => Buffer, coding: ContentCoding): Buffer | undefined {
  try {
    return inflate();
  } catch (error) {
    if (isTooLarge(error as Error)) return undefined;
    throw damaged(coding, error as Error);
  }
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
