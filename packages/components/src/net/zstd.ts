import { createRequire } from 'node:module';
import zlib from 'node:zlib';
import { InvalidData } from '@throughline/model';
import { TooLarge } from './too-large.ts';

type Decompress = (bytes: Uint8Array, maxBytes: number) => Promise<Uint8Array>;
type Compress = (bytes: Uint8Array, level?: number) => Promise<Uint8Array>;

/** The parts of node:zlib that come with Node 22.15. */
interface NativeZstd {
  zstdDecompress(bytes: Uint8Array, options: object, done: (error: Error | null, out: Buffer) => void): void;
  zstdCompress(bytes: Uint8Array, options: object, done: (error: Error | null, out: Buffer) => void): void;
}

/** ZSTD_c_compressionLevel. */
const compressionLevel = 100;

interface WasmZstd {
  init(): Promise<void>;
  decompress(bytes: Uint8Array, options: { defaultHeapSize: number }): Uint8Array;
  compress(bytes: Uint8Array, level?: number): Uint8Array;
}

/** Zstandard: of Node where it has it, otherwise the reference library as WebAssembly, loaded when first used. */
export const zstd: { readonly decompress: Decompress; readonly compress: Compress } =
  'zstdDecompress' in zlib ? native(zlib as unknown as NativeZstd) : webAssembly();

function native(library: NativeZstd): typeof zstd {
  return {
    decompress: (bytes, maxBytes) =>
      new Promise((resolve, reject) => {
        checkFrame(bytes, maxBytes);
        library.zstdDecompress(bytes, { maxOutputLength: maxBytes }, (error, out) => {
          if (!error) resolve(out);
          else if ((error as NodeJS.ErrnoException).code === 'ERR_BUFFER_TOO_LARGE')
            reject(new TooLarge('the decompressed message', maxBytes));
          else reject(new InvalidData(`zstd: ${error.message}`, { cause: error }));
        });
      }),
    compress: (bytes, level) =>
      new Promise((resolve, reject) =>
        library.zstdCompress(
          bytes,
          level === undefined ? {} : { params: { [compressionLevel]: level } },
          (error, out) => (error ? reject(error) : resolve(out)),
        ),
      ),
  };
}

function webAssembly(): typeof zstd {
  let loaded: Promise<WasmZstd> | undefined;
  const load = () => (loaded ??= loadWasm());
  return {
    async decompress(bytes, maxBytes) {
      const { size } = checkFrame(bytes, maxBytes);
      const library = await load();
      const guess = Math.min(maxBytes, Math.max(64 * 1024, 8 * bytes.length));
      if (size !== undefined || guess < maxBytes) {
        const out = attempt(() => library.decompress(bytes, { defaultHeapSize: guess }));
        if (out instanceof Uint8Array) return out;
        if (out !== 'too small') throw new InvalidData('zstd: the data is damaged');
        if (size !== undefined) throw new InvalidData('zstd: the data is longer than its header says');
      }
      const out = attempt(() => library.decompress(bytes, { defaultHeapSize: maxBytes }));
      if (out instanceof Uint8Array) return out;
      if (out === 'too small') throw new TooLarge('the decompressed message', maxBytes);
      throw new InvalidData('zstd: the data is damaged');
    },
    compress: async (bytes, level) => (await load()).compress(bytes, level),
  };
}

async function loadWasm(): Promise<WasmZstd> {
  const library = createRequire(import.meta.url)('@bokuweb/zstd-wasm') as WasmZstd;
  await library.init();
  return library;
}

/** The library throws an Error that ends in its error code; 70 is "destination buffer is too small". */
function attempt(decompress: () => Uint8Array): Uint8Array | 'too small' | 'damaged' {
  try {
    return decompress();
  } catch (error) {
    return /code -70$/.test((error as Error).message) ? 'too small' : 'damaged';
  }
}

/**
 * Reads the frame header (RFC 8878, 3.1.1.1) before anything is set aside for the frame: a few bytes may announce a
 * content or a window of gigabytes. `size` is undefined where the header does not say.
 */
function checkFrame(bytes: Uint8Array, maxBytes: number): { size?: number } {
  const view = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
  if (view.length < 6 || view.readUInt32LE(0) !== 0xfd2fb528)
    throw new InvalidData('zstd: the data does not begin with a frame');
  const descriptor = view[4]!;
  const singleSegment = (descriptor & 0x20) !== 0;
  const sizeBytes = [singleSegment ? 1 : 0, 2, 4, 8][descriptor >> 6]!;
  const sizeAt = 5 + (singleSegment ? 0 : 1) + [0, 1, 2, 4][descriptor & 3]!;
  if (view.length < sizeAt + sizeBytes) throw new InvalidData('zstd: the frame header is cut off');
  if (!singleSegment) checkWindow(view[5]!, maxBytes);
  if (sizeBytes === 0) return {};
  const size = sizeBytes === 8 ? Number(view.readBigUInt64LE(sizeAt)) : view.readUIntLE(sizeAt, sizeBytes);
  const actual = sizeBytes === 2 ? size + 256 : size;
  if (actual > maxBytes) throw new TooLarge('the decompressed message', maxBytes);
  return { size: actual };
}

/** Decoders must know windows up to 8 MiB; larger ones only as far as a message may be long. */
function checkWindow(window: number, maxBytes: number): void {
  const base = 2 ** (10 + (window >> 3));
  if (base + (base / 8) * (window & 7) > Math.max(8 * 1024 * 1024, 2 * maxBytes))
    throw new TooLarge('the zstd window', Math.max(8 * 1024 * 1024, 2 * maxBytes));
}
