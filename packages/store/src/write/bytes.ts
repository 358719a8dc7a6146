/** A buffer that grows; `bytes[0..length)` is what was written. Hot code writes into `bytes` itself after `reserve`. */
export class GrowingBytes {
  bytes: Buffer;
  length = 0;
  readonly #initial: number;

  constructor(initial = 1024) {
    this.#initial = initial;
    this.bytes = Buffer.allocUnsafeSlow(initial);
  }

  /** Makes room for `count` more bytes; returns where they begin. */
  reserve(count: number): number {
    const needed = this.length + count;
    if (needed > this.bytes.length) {
      const larger = Buffer.allocUnsafeSlow(Math.max(needed, this.bytes.length * 2));
      this.bytes.copy(larger, 0, 0, this.length);
      this.bytes = larger;
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
