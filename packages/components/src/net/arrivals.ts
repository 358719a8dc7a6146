import { Overloaded } from '@throughline/model';
import { BufferPool } from './buffer-pool.ts';
import { type ContentCoding, decompress, decompressSmall } from './compression.ts';

/** As many as the runtime has threads for it: more would only hold memory. */
const decompressedAtOnce = 4;
const pooledBytes = 8 * 2 ** 20;

/**
 * The requests that are arriving at one receiver. Together they hold a bounded number of bytes (whoever comes on top
 * is told to come again), and one whose sender has fallen silent is cut off; a slow one that still sends is not.
 */
export class Arrivals {
  readonly #maxBytes: number;
  readonly #stallMs: number;
  readonly #now: () => number;
  readonly #waiting = new Set<Arrival>();
  readonly #queue: (() => void)[] = [];
  readonly buffers = new BufferPool(pooledBytes);
  #decompressing = 0;
  #bytes = 0;
  #sweeper: NodeJS.Timeout | undefined;

  /** `now` gives milliseconds of a clock that is never set back. */
  constructor(options: { maxBytes: number; stallMs: number; now: () => number }) {
    this.#maxBytes = options.maxBytes;
    this.#stallMs = options.stallMs;
    this.#now = options.now;
  }

  start(): void {
    this.#sweeper = setInterval(() => this.#sweep(), Math.min(1000, this.#stallMs)).unref();
  }

  stop(): void {
    clearInterval(this.#sweeper);
  }

  /** Bytes held for requests that have not been answered yet. */
  get bytes(): number {
    return this.#bytes;
  }

  /** `cut` is called when the sender falls silent before `complete()`. */
  begin(cut: () => void): Arrival {
    const arrival = new Arrival(this, cut);
    arrival.touchedAt = this.#now();
    this.#waiting.add(arrival);
    return arrival;
  }

  touch(arrival: Arrival): void {
    arrival.touchedAt = this.#now();
  }

  take(bytes: number): void {
    if (this.#bytes + bytes > this.#maxBytes)
      throw new Overloaded('too many requests are being received at once', 1000);
    this.#bytes += bytes;
  }

  /** Runs `work` when its turn comes, a few at a time: how much each will hold is not known before. */
  async inTurn<T>(work: () => Promise<T>): Promise<T> {
    if (this.#decompressing === decompressedAtOnce)
      await new Promise<void>((resolve) => this.#queue.push(resolve));
    else this.#decompressing++;
    try {
      return await work();
    } finally {
      const next = this.#queue.shift();
      if (next) next();
      else this.#decompressing--;
    }
  }

  release(arrival: Arrival, bytes: number): void {
    this.#waiting.delete(arrival);
    this.#bytes -= bytes;
  }

  #sweep(): void {
    const silentSince = this.#now() - this.#stallMs;
    for (const arrival of this.#waiting) {
      if (arrival.touchedAt > silentSince) continue;
      this.#waiting.delete(arrival);
      arrival.cut();
    }
  }
}

/** One request on its way in. */
export class Arrival {
  readonly cut: () => void;
  touchedAt = 0;
  readonly #all: Arrivals;
  #bytes = 0;
  #buffer: Buffer | undefined;

  constructor(all: Arrivals, cut: () => void) {
    this.#all = all;
    this.cut = cut;
  }

  /** Says that the sender is alive. */
  touch(): void {
    this.#all.touch(this);
  }

  /** Takes room for `bytes` more, until `end()`; throws Overloaded when there is none. */
  grow(bytes: number): void {
    this.#all.take(bytes);
    this.#bytes += bytes;
  }

  /** A buffer of at least `size` bytes, until `recycle()`; of several only the last is used again. */
  buffer(size: number): Buffer {
    this.#buffer = this.#all.buffers.take(size);
    return this.#buffer;
  }

  /** Nobody looks at what has arrived any more: its buffer is free for another. */
  recycle(): void {
    if (this.#buffer) this.#all.buffers.give(this.#buffer);
    this.#buffer = undefined;
  }

  /** The body before compression, for which room is taken; throws InvalidData, TooLarge and Overloaded. */
  async decompress(coding: ContentCoding, bytes: Uint8Array, maxBytes: number): Promise<Uint8Array> {
    const body =
      decompressSmall(coding, bytes, maxBytes) ??
      (await this.#all.inTurn(() => decompress(coding, bytes, maxBytes)));
    this.grow(body.length);
    return body;
  }

  /** Everything has arrived: the sender owes nothing any more. */
  complete(): void {
    this.#all.release(this, 0);
  }

  /** The request is over; may be called again. */
  end(): void {
    this.#all.release(this, this.#bytes);
    this.#bytes = 0;
  }
}
