// Each pause is a fifth shorter or longer by chance, so that services that failed together do not return together.
const firstMs = 500;
const longestMs = 5000;
const factor = 1.5;
const chance = 0.2;

/** How long to leave a receiver that fails alone. Times are those of `performance.now()`. */
export class Pauses {
  /** Failures since the last success. */
  inARow = 0;
  /** All failures of which the receiver did not say how long to wait. */
  unasked = 0;
  #last = 0;
  #until = 0;
  #asked = 0;

  /** Milliseconds until the receiver may be asked again; 0 or less: now. */
  get leftMs(): number {
    return this.#until - performance.now();
  }

  /** A request that was sent at `begun` failed; the receiver wants to be left alone for `askedMs`. */
  failed(begun: number, askedMs = 0): void {
    const now = performance.now();
    // Requests that were on their way together fail together, which is one failure.
    if (begun >= this.#last) {
      this.inARow++;
      if (askedMs === 0) this.unasked++;
    }
    this.#last = now;
    const pauseMs = Math.min(firstMs * factor ** (this.inARow - 1), longestMs);
    this.#asked = Math.max(this.#asked, now + askedMs);
    this.#until = Math.max(this.#asked, now + pauseMs * (1 - chance + 2 * chance * Math.random()));
  }

  succeeded(): void {
    this.inARow = 0;
    this.#until = this.#asked = 0;
  }

  /** Ends a pause that the receiver has not asked for. */
  cutShort(): void {
    this.#until = this.#asked;
  }
}
