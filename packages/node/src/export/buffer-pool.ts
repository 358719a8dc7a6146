/** Smaller ones are had for nothing. */
const worthKeepingBytes = 200_000;
const largestBytes = 2_000_000;
const mostKept = 4;

/**
 * Buffers of requests that were sent, for the next ones: the pages of a fresh megabyte cost more than what is written
 * into them (a twentieth of all that a span costs, benchmarks/sdk.ts).
 */
export class BufferPool {
  readonly #kept: Buffer[] = [];

  /** At least so large. */
  take(bytes: number): Buffer {
    const index = bytes < worthKeepingBytes ? -1 : this.#kept.findIndex(({ length }) => length >= bytes);
    const [kept] = index < 0 ? [] : this.#kept.splice(index, 1);
    return kept ?? Buffer.allocUnsafeSlow(bytes);
  }

  /** The buffer that `part` is the beginning of is not used any more. */
  give(part: Buffer): void {
    const { byteLength } = part.buffer;
    if (byteLength < worthKeepingBytes || byteLength > largestBytes || this.#kept.length >= mostKept) return;
    this.#kept.push(Buffer.from(part.buffer));
  }
}
