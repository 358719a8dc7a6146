/** Lets at most `size` users in at a time; the others wait in line. */
export class Pool {
  readonly #size: number;
  readonly #line: (() => void)[] = [];
  #inside = 0;

  constructor(size: number) {
    this.#size = size;
  }

  /** Resolves with how to leave. */
  async enter(): Promise<() => void> {
    if (this.#inside < this.#size) this.#inside++;
    else await new Promise<void>((resolve) => this.#line.push(resolve));
    return () => {
      const next = this.#line.shift();
      if (next) next();
      else this.#inside--;
    };
  }
}
