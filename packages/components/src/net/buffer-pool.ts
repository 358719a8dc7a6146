const granuleBytes = 64 * 1024;

/**
 * Buffers for messages, used again and again: a fresh one for each request makes the collector of garbage the dearest
 * part of receiving (benchmark `ingest`). Keeps at most `maxBytes` that nobody uses.
 */
export class BufferPool {
  readonly #free: Buffer[] = [];
  readonly #maxBytes: number;
  #bytes = 0;

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  /** A buffer of at least `size` bytes and at most about four times as many, with anything in it. */
  take(size: number): Buffer {
    const found = this.#free.findIndex((buffer) => buffer.length >= size && buffer.length <= 4 * size);
    if (found < 0) return Buffer.allocUnsafeSlow(Math.ceil(size / granuleBytes) * granuleBytes);
    const [buffer] = this.#free.splice(found, 1);
    this.#bytes -= buffer!.length;
    return buffer!;
  }

  /** Nobody looks at the buffer any more. */
  give(buffer: Buffer): void {
    if (this.#bytes + buffer.length > this.#maxBytes) return;
    this.#free.push(buffer);
    this.#bytes += buffer.length;
  }
}
