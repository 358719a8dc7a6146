import type { Arrival } from './arrivals.ts';
import { TooLarge } from './too-large.ts';

/** What is set aside for a message before its bytes come: a sender's word alone does not take memory. */
const trustedBytes = 1024 * 1024;

/**
 * Puts the chunks of one message into one buffer, which is the arrival's. A message that comes in one chunk is not copied.
 * Hot: runs for every chunk received.
 */
export class Assembly {
  readonly #what: string;
  readonly #maxBytes: number;
  readonly #expectedBytes: number | undefined;
  readonly #arrival: Arrival;
  #buffer: Buffer | undefined;
  #length = 0;

  /** `expectedBytes` is the length that the sender has announced, if any. `what` names the message in errors. */
  constructor(what: string, maxBytes: number, expectedBytes: number | undefined, arrival: Arrival) {
    if (expectedBytes !== undefined && expectedBytes > maxBytes) throw new TooLarge(what, maxBytes);
    this.#what = what;
    this.#maxBytes = maxBytes;
    this.#expectedBytes = expectedBytes;
    this.#arrival = arrival;
  }

  get length(): number {
    return this.#length;
  }

  /** Throws TooLarge past the limit, Overloaded when the receiver holds too much already. */
  append(chunk: Buffer): void {
    const length = this.#length + chunk.length;
    if (length > this.#maxBytes) throw new TooLarge(this.#what, this.#maxBytes);
    if (this.#length === 0) {
      this.#arrival.grow(chunk.length);
      this.#buffer = chunk;
    } else {
      this.#reserve(length);
      chunk.copy(this.#buffer!, this.#length);
    }
    this.#length = length;
  }

  take(): Buffer {
    return this.#buffer?.subarray(0, this.#length) ?? Buffer.alloc(0);
  }

  #reserve(length: number): void {
    const old = this.#buffer!;
    if (length <= old.length) return;
    const expected = this.#expectedBytes ?? 0;
    const doubled = Math.max(length, 2 * this.#length, Math.min(expected, trustedBytes));
    const size = Math.min(doubled, expected >= length ? expected : this.#maxBytes);
    const buffer = this.#arrival.buffer(size);
    this.#arrival.grow(buffer.length - old.length);
    this.#buffer = buffer;
    old.copy(this.#buffer, 0, 0, this.#length);
  }
}
