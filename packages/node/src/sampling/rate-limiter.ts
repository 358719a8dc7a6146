/** Allows `perSecond` on average; after a rest, what a second would have allowed at once, and never less than one. */
export class RateLimiter {
  readonly #perSecond: number;
  readonly #now: () => number;
  #credit: number;
  #at: number;

  /** `now` is in milliseconds. */
  constructor(perSecond: number, now: () => number = () => performance.now()) {
    this.#perSecond = perSecond;
    this.#now = now;
    this.#credit = this.#most;
    this.#at = now();
  }

  allows(): boolean {
    const now = this.#now();
    this.#credit = Math.min(this.#most, this.#credit + ((now - this.#at) / 1000) * this.#perSecond);
    this.#at = now;
    if (this.#credit < 1) return false;
    this.#credit--;
    return true;
  }

  get #most(): number {
    return this.#perSecond > 0 ? Math.max(1, this.#perSecond) : 0;
  }
}
