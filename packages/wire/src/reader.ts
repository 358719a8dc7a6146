import { InvalidData } from '@throughline/model';

/**
 * Reads one protobuf message after another out of `bytes`. Every read is checked against the end of the message that
 * was entered, so that wrong bytes throw InvalidData naming the byte and nothing outside is ever read.
 *
 * ```ts
 * const reader = new Reader(bytes);
 * for (let tag = reader.tag(); tag !== 0; tag = reader.tag()) {
 *   if (tag === 0x0a) {
 *     const outer = reader.enter();
 *     readResourceSpans(reader); // loops over tag() in the same way
 *     reader.leave(outer);
 *   } else reader.skip(tag);
 * }
 * ```
 *
 * Hot: runs for every field of every span decoded (decode.bench.ts).
 */
export class Reader {
  readonly bytes: Buffer;
  /** Where the next read starts. */
  pos: number;
  /** Where the message that is being read ends. */
  end: number;

  constructor(bytes: Uint8Array, start = 0, end: number = bytes.length) {
    this.bytes = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.pos = start;
    this.end = end;
  }

  /** The next field's `number << 3 | wire type`, or 0 at the end of the message. */
  tag(): number {
    if (this.pos >= this.end) return 0;
    const start = this.pos;
    const tag = this.varint();
    if (tag < 8 || tag > 0xffff_ffff || (this.pos > start + 1 && this.bytes[this.pos - 1] === 0))
      throw invalid(`${tag} is not a field`, start);
    return tag;
  }

  /** A length: enters the message that follows. Give the result, the enclosing message's end, to `leave`. */
  enter(): number {
    const outer = this.end;
    this.end = this.#length();
    return outer;
  }

  /** Goes on behind the message entered last. */
  leave(outer: number): void {
    this.pos = this.end;
    this.end = outer;
  }

  /** Skips the value that follows `tag`. */
  skip(tag: number): void {
    switch (tag & 7) {
      case 0:
        this.varint();
        return;
      case 1:
        this.#take(8);
        return;
      case 2:
        this.pos = this.#length();
        return;
      case 5:
        this.#take(4);
        return;
      default:
        throw invalid(`wire type ${tag & 7} is not supported`, this.pos);
    }
  }

  /** An unsigned varint; above 2^53 the lowest bits are lost (use `uint64`). */
  varint(): number {
    const byte = this.pos < this.end ? this.bytes[this.pos]! : 0x80;
    if (byte < 0x80) {
      this.pos++;
      return byte;
    }
    return this.#longVarint();
  }

  /** An enum or int32: negative numbers are written as ten bytes. */
  int32(): number {
    return this.uint32() | 0;
  }

  uint32(): number {
    const byte = this.pos < this.end ? this.bytes[this.pos]! : 0x80;
    return byte < 0x80 ? this.varint() : Number(BigInt.asUintN(32, this.uint64()));
  }

  uint64(): bigint {
    if (this.pos < this.end && this.bytes[this.pos]! < 0x80) return BigInt(this.bytes[this.pos++]!);
    const start = this.pos;
    const value = this.#longVarint();
    if (value <= Number.MAX_SAFE_INTEGER) return BigInt(value);
    let exact = 0n;
    for (let at = this.pos - 1; at >= start; at--) exact = (exact << 7n) | BigInt(this.bytes[at]! & 0x7f);
    return exact;
  }

  int64(): bigint {
    return BigInt.asIntN(64, this.uint64());
  }

  fixed64(): bigint {
    return this.bytes.readBigUInt64LE(this.#take(8));
  }

  fixed32(): number {
    return this.bytes.readUInt32LE(this.#take(4));
  }

  double(): number {
    return this.bytes.readDoubleLE(this.#take(8));
  }

  /** A view into the bytes, not a copy. */
  view(): Buffer {
    const stop = this.#length();
    const view = this.bytes.subarray(this.pos, stop);
    this.pos = stop;
    return view;
  }

  /** A text; what is not UTF-8 in it becomes U+FFFD. */
  string(): string {
    const stop = this.#length();
    const text = this.bytes.toString('utf8', this.pos, stop);
    this.pos = stop;
    return text;
  }

  /** The bytes of a bytes field as lower-case hex. */
  hex(): string {
    const stop = this.#length();
    const text = this.bytes.toString('hex', this.pos, stop);
    this.pos = stop;
    return text;
  }

  /** Reads a length and returns where its contents stop; they start at `pos`. */
  #length(): number {
    const start = this.pos;
    const length = this.varint();
    if (length > this.end - this.pos) throw invalid(`length ${length} runs past the end`, start);
    return this.pos + length;
  }

  #take(size: number): number {
    const start = this.pos;
    if (size > this.end - start) throw invalid(`${size} bytes run past the end`, start);
    this.pos = start + size;
    return start;
  }

  #longVarint(): number {
    const start = this.pos;
    let value = 0;
    let scale = 1;
    for (let at = start; at < this.end; at++) {
      const byte = this.bytes[at]!;
      if (at - start === 9 && byte > 1) throw invalid('varint is longer than 64 bits', start);
      value += (byte & 0x7f) * scale;
      scale *= 128;
      if (byte < 0x80) {
        this.pos = at + 1;
        return value;
      }
    }
    throw invalid('varint runs past the end', start);
  }
}

function invalid(what: string, at: number): InvalidData {
  return new InvalidData(`${what} (byte ${at})`);
}
