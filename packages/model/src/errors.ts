/** The data itself is wrong: sending it again can never succeed. */
export class InvalidData extends Error {
  override readonly name = 'InvalidData';
}

/** There is no room or no time now; the same data may be sent again after `retryAfterMs`. */
export class Overloaded extends Error {
  override readonly name = 'Overloaded';
  readonly retryAfterMs: number;
  constructor(message: string, retryAfterMs: number, options?: ErrorOptions) {
    super(message, options);
    this.retryAfterMs = retryAfterMs;
  }
}

/** The set-up cannot work as it is (busy port, locked folder, bad configuration): shown to the user as one sentence. */
export class StartError extends Error {
  override readonly name = 'StartError';
}
