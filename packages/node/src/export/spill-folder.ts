import { randomBytes } from 'node:crypto';
import {
  mkdirSync,
  readFileSync,
  readdirSync,
  renameSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { crc32 } from 'node:zlib';
import { warn } from '../setup/warn.ts';
import type { Encoded } from './span-batch.ts';

// A file is this head and one request. Who wants to send it first gives it the name that ends in `.sending`; one that
// has had that name for long belongs to a process that ended.
//
//     "TLSP"  spans u32  length u32  crc32 of the request u32  request
const magic = 0x50534c54;
const headBytes = 16;
const abandonedMs = 60_000;
const lookAgainMs = 1000;
/** A name begins with milliseconds since 1970. */
const timeDigits = 13;
const waiting = /^\d{13}-\d+-[0-9a-f]{8}\.otlp$/;
const unfinished = /^\d{13}-\d+-[0-9a-f]{8}\.otlp\.unfinished$/;
const claimed = /^\d{13}-\d+-[0-9a-f]{8}\.otlp\.sending$/;

/** A file that only this process sends, until it is `removed` or `released`. */
export interface Spilled extends Encoded {
  readonly file: string;
}

/**
 * Requests in files, for when memory is not enough or the process ends before the receiver is back. Several processes
 * may share the folder. A file is whole or is left out; after a crash one may be sent twice. Methods block for about a
 * millisecond per megabyte, because the last ones run while the process ends.
 */
export class SpillFolder {
  readonly #folder: string;
  readonly #maxBytes: number;
  #warned = false;
  #fullUntil = 0;
  /** In the folder, when it was looked at, and since by this process. */
  #bytes = 0;
  #lookedAt = 0;
  /** Damaged files that were left out. */
  torn = 0;

  constructor(folder: string, maxBytes: number) {
    this.#folder = folder;
    this.#maxBytes = maxBytes;
  }

  /** Returns the name of the file in which the request now is; none if the folder is full or cannot be written. */
  keep({ body, spans }: Encoded): string | undefined {
    if (Date.now() < this.#fullUntil) return undefined;
    const head = Buffer.alloc(headBytes);
    head.writeUInt32LE(magic);
    head.writeUInt32LE(spans, 4);
    head.writeUInt32LE(body.length, 8);
    head.writeUInt32LE(crc32(body), 12);
    const name = `${Date.now()}-${process.pid}-${randomBytes(4).toString('hex')}.otlp`;
    const beginning = join(this.#folder, `${name}.unfinished`);
    try {
      mkdirSync(this.#folder, { recursive: true, mode: 0o700 });
      if (!this.#hasRoom(headBytes + body.length)) return this.#full();
      writeFileSync(beginning, Buffer.concat([head, body]), { mode: 0o600 });
      renameSync(beginning, join(this.#folder, name));
      this.#bytes += headBytes + body.length;
      return name;
    } catch (error) {
      this.#warn(error);
      this.#remove(beginning);
      return this.#full();
    }
  }

  /** It is not looked at again for every span that ends. */
  #full(): undefined {
    this.#fullUntil = Date.now() + lookAgainMs;
  }

  /** The oldest request that nobody is sending. */
  claim(): Spilled | undefined {
    for (const name of this.#names()) {
      if (unfinished.test(name)) this.#leaveOut(name);
      const file = claimed.test(name) ? this.#takeOver(name) : waiting.test(name) ? name : undefined;
      if (file === undefined || !this.#rename(file, `${file}.sending`)) continue;
      const spilled = this.#read(file);
      if (spilled) return spilled;
      this.torn++;
      this.#rename(`${file}.sending`, `${file}.torn`);
    }
    return undefined;
  }

  /** The process that wrote it has ended before it was whole. */
  #leaveOut(name: string): void {
    if (!this.#isAbandoned(name)) return;
    this.torn++;
    this.#remove(join(this.#folder, name));
  }

  /** It was sent, or never will be. */
  removed({ file }: Spilled): void {
    this.#remove(join(this.#folder, `${file}.sending`));
  }

  #remove(path: string): void {
    try {
      rmSync(path, { force: true });
    } catch (error) {
      this.#warn(error);
    }
  }

  /** It could not be sent for now, and goes behind the others under the name that is returned. */
  released({ file }: Spilled): string {
    const name = Date.now() + file.slice(timeDigits);
    this.#rename(`${file}.sending`, name);
    return name;
  }

  #read(file: string): Spilled | undefined {
    const bytes = readFileSync(join(this.#folder, `${file}.sending`));
    if (bytes.length < headBytes || bytes.readUInt32LE(0) !== magic) return undefined;
    const body = bytes.subarray(headBytes);
    const whole = body.length === bytes.readUInt32LE(8) && crc32(body) === bytes.readUInt32LE(12);
    return whole ? { file, body, spans: bytes.readUInt32LE(4) } : undefined;
  }

  /** The name under which an abandoned file waits again. */
  #takeOver(name: string): string | undefined {
    const file = name.slice(0, -'.sending'.length);
    return this.#isAbandoned(name) && this.#rename(name, file) ? file : undefined;
  }

  #isAbandoned(name: string): boolean {
    const file = statSync(join(this.#folder, name), { throwIfNoEntry: false });
    return file !== undefined && Date.now() - file.mtimeMs > abandonedMs;
  }

  /** False if the file has another name by now: another process was faster. */
  #rename(from: string, to: string): boolean {
    try {
      // For others it is abandoned only a while after this.
      const now = new Date();
      utimesSync(join(this.#folder, from), now, now);
      renameSync(join(this.#folder, from), join(this.#folder, to));
      return true;
    } catch {
      return false;
    }
  }

  #names(): string[] {
    try {
      return readdirSync(this.#folder).toSorted();
    } catch {
      return [];
    }
  }

  /** What others do to the folder is seen once a second: looking at a thousand files takes milliseconds. */
  #hasRoom(more: number): boolean {
    if (Date.now() > this.#lookedAt + lookAgainMs) {
      this.#lookedAt = Date.now();
      this.#bytes = this.#names().reduce((sum, name) => {
        const file = statSync(join(this.#folder, name), { throwIfNoEntry: false });
        return sum + (file?.size ?? 0);
      }, 0);
    }
    return this.#bytes + more <= this.#maxBytes;
  }

  #warn(error: unknown): void {
    if (!this.#warned) warn(`spans cannot be kept in ${this.#folder}: ${(error as Error).message}`);
    this.#warned = true;
  }
}
