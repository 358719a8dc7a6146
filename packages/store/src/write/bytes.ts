/**
 * A buffer that grows; `bytes[0..length)` is what was written. Hot code writes into `bytes`, or into the same memory as
 * 32-bit `words`, itself after `reserve`. Little-endian machines only, as ClickHouse.
 */
export class GrowingBytes {
  bytes: Buffer;
  words: Uint32Array;
  length = 0;
  readonly #initial: number;

  /** `initial` is a multiple of 4. */
  constructor(initial = 1024) {
    this.#initial = initial;
    this.bytes = Buffer.allocUnsafeSlow(initial);
    this.words = new Uint32Array(this.bytes.buffer);
  }

  /** Makes room for `count` more bytes; returns where they begin. */
  reserve(count: number): number {
    const needed = this.length + count;
    if (needed > this.bytes.length) {
      const larger = Buffer.allocUnsafeSlow((Math.max(needed, this.bytes.length * 2) + 3) & ~3);
      this.bytes.copy(larger, 0, 0, this.length);
      this.bytes = larger;
      this.words = new Uint32Array(larger.buffer);
    }
    return this.length;
  }

  written(): Buffer {
    return this.bytes.subarray(0, this.length);
  }

  /** Forgets what was written and keeps the room. */
  clear(): void {
    this.length = 0;
  }

  /** Forgets what was written and gives the room back. */
  release(): void {
    this.length = 0;
    this.bytes = Buffer.allocUnsafeSlow(this.#initial);
    this.words = new Uint32Array(this.bytes.buffer);
  }
}

/** Hot: copies `count` bytes; a loop beats a call into C++ for what attributes usually are. */
export function copyBytes(from: Uint8Array, start: number, count: number, to: Uint8Array, at: number): void {
  if (count < 100) for (let i = 0; i < count; i++) to[at + i] = from[start + i]!;
  else to.set(from.subarray(start, start + count), at);
}

/** Writes `value` (below 2^32) as a varint at `at`; returns where it ends. */
export function writeVarint(to: Uint8Array, at: number, value: number): number {
  while (value > 0x7f) {
    to[at++] = (value & 0x7f) | 0x80;
    value >>>= 7;
  }
  to[at++] = value;
  return at;
}
