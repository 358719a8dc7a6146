const chunkBytes = 4 * 2 ** 20;
/** Of those that nobody uses, at most so many are kept: what one insert holds. */
const kept = 40;

/**
 * Buffers that journals are read into, used again once what was read has become an insert: fresh ones would keep the
 * collector of garbage busy (benchmark `ingest`).
 */
export class ChunkBuffers {
  #free: Buffer[] = [];

  /** The buffers of one reader. */
  reader(): ReaderBuffers {
    return new ReaderBuffers(
      () => this.#free.pop() ?? Buffer.allocUnsafeSlow(chunkBytes),
      (buffers) => (this.#free = [...this.#free, ...buffers].slice(0, kept)),
    );
  }
}

class ReaderBuffers {
  readonly #take: () => Buffer;
  readonly #give: (buffers: readonly Buffer[]) => void;
  #used: Buffer[] = [];

  constructor(take: () => Buffer, give: (buffers: readonly Buffer[]) => void) {
    this.#take = take;
    this.#give = give;
  }

  /** A buffer of exactly so many bytes. */
  allocate(bytes: number): Buffer {
    if (bytes > chunkBytes) return Buffer.allocUnsafeSlow(bytes);
    const buffer = this.#take();
    this.#used.push(buffer);
    return buffer.subarray(0, bytes);
  }

  /** Nobody looks any more at what was read, but for the last chunk: a part of it may still be unread. */
  recycle(): void {
    const last = this.#used.pop();
    this.#give(this.#used);
    this.#used = last ? [last] : [];
  }
}
