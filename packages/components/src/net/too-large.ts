/** A message bigger than the configured limit, as sent or after decompression: sending it again can never succeed. */
export class TooLarge extends Error {
  override readonly name = 'TooLarge';
  constructor(what: string, maxBytes: number) {
    super(`${what} is larger than the limit of ${maxBytes} bytes`);
  }
}
