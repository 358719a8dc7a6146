import { InvalidData } from '@throughline/model';
import type { Arrival } from './arrivals.ts';
import { Assembly } from './assembly.ts';

const headerBytes = 5;

/**
 * Collects the one message of a unary call from its DATA frames, whose borders mean nothing. Each message is
 * `[compressed: 1 byte][length: 4 bytes, big endian][message]` (gRPC over HTTP2, Length-Prefixed-Message).
 * Hot: runs for every DATA frame received.
 */
export class GrpcMessage {
  readonly #maxBytes: number;
  readonly #arrival: Arrival;
  readonly #header = Buffer.allocUnsafe(headerBytes);
  #headerLength = 0;
  #length = 0;
  #body: Assembly | undefined;

  constructor(maxBytes: number, arrival: Arrival) {
    this.#maxBytes = maxBytes;
    this.#arrival = arrival;
  }

  /** Throws InvalidData for wrong framing, TooLarge and Overloaded. */
  append(chunk: Buffer): void {
    let rest = chunk;
    if (!this.#body) {
      const taken = rest.copy(this.#header, this.#headerLength, 0, headerBytes - this.#headerLength);
      this.#headerLength += taken;
      if (this.#headerLength < headerBytes) return;
      rest = rest.subarray(taken);
      if (this.#header[0]! > 1)
        throw new InvalidData(`gRPC framing: ${this.#header[0]} is not a compressed flag`);
      this.#length = this.#header.readUInt32BE(1);
      this.#body = new Assembly('the message', this.#maxBytes, this.#length, this.#arrival);
    }
    if (rest.length === 0) return;
    if (this.#body.length + rest.length > this.#length)
      throw new InvalidData('gRPC framing: bytes after the one message of the call');
    this.#body.append(rest);
  }

  /** After the last frame. */
  take(): { bytes: Buffer; compressed: boolean } {
    if (!this.#body)
      throw new InvalidData(
        this.#headerLength === 0 ? 'the call has no message' : 'gRPC framing: the message header is cut off',
      );
    if (this.#body.length < this.#length)
      throw new InvalidData(
        `gRPC framing: the message ends after ${this.#body.length} of ${this.#length} bytes`,
      );
    return { bytes: this.#body.take(), compressed: this.#header[0] === 1 };
  }
}
