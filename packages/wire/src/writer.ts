/** Writes protobuf into a buffer that grows. A message is written between `open` and `close`, which fills in its length. */
export class Writer {
  #bytes: Buffer;
  #size = 0;

  constructor(capacity = 4096) {
    this.#bytes = Buffer.allocUnsafe(capacity);
  }

  /** What was written, as a view. */
  finish(): Uint8Array {
    return this.#bytes.subarray(0, this.#size);
  }

  /** Starts a message; give the result to `close`. */
  open(tag: number): number {
    this.varint(tag);
    this.#reserve(1);
    return ++this.#size;
  }

  /** Ends the message started at `start`; one of 128 bytes or more is moved to make room for its length. */
  close(start: number): void {
    const length = this.#size - start;
    if (length < 0x80) {
      this.#bytes[start - 1] = length;
      return;
    }
    const extra = varintSize(length) - 1;
    this.#reserve(extra);
    this.#bytes.copyWithin(start + extra, start, this.#size);
    this.#size = start - 1;
    this.varint(length);
    this.#size += length;
  }

  /** A whole number from 0 to 2^53. */
  varint(value: number): void {
    this.#reserve(10);
    let rest = value;
    while (rest >= 0x80) {
      this.#bytes[this.#size++] = (rest % 128) | 0x80;
      rest = Math.floor(rest / 128);
    }
    this.#bytes[this.#size++] = rest;
  }

  /** Any 64-bit number; a negative one takes ten bytes. */
  varint64(value: bigint): void {
    if (value >= 0n && value <= 0x1f_ffff_ffff_ffffn) return this.varint(Number(value));
    this.#reserve(10);
    let rest = BigInt.asUintN(64, value);
    while (rest >= 0x80n) {
      this.#bytes[this.#size++] = Number(rest & 0x7fn) | 0x80;
      rest >>= 7n;
    }
    this.#bytes[this.#size++] = Number(rest);
  }

  fixed64(value: bigint): void {
    this.#reserve(8);
    this.#size = this.#bytes.writeBigUInt64LE(value, this.#size);
  }

  fixed32(value: number): void {
    this.#reserve(4);
    this.#size = this.#bytes.writeUInt32LE(value, this.#size);
  }

  double(value: number): void {
    this.#reserve(8);
    this.#size = this.#bytes.writeDoubleLE(value, this.#size);
  }

  /** A length and the text as UTF-8. */
  string(text: string): void {
    const longest = text.length * 3;
    this.#reserve(longest + 10);
    if (text.length < 32 && this.#ascii(text)) return;
    if (longest < 0x80) {
      const length = this.#bytes.write(text, this.#size + 1);
      this.#bytes[this.#size] = length;
      this.#size += 1 + length;
      return;
    }
    this.varint(Buffer.byteLength(text));
    this.#size += this.#bytes.write(text, this.#size);
  }

  /** Writes a short text if it is ASCII: in a loop, as calling into native code costs more (decode.bench.ts). */
  #ascii(text: string): boolean {
    const bytes = this.#bytes;
    let at = this.#size;
    bytes[at++] = text.length;
    for (let i = 0; i < text.length; i++) {
      const code = text.charCodeAt(i);
      if (code >= 0x80) return false;
      bytes[at++] = code;
    }
    this.#size = at;
    return true;
  }

  /** A length and the bytes. */
  bytes(value: Uint8Array): void {
    this.varint(value.length);
    this.raw(value);
  }

  /** A length and the bytes written in `hex`, which has an even number of hex digits. */
  hex(hex: string): void {
    this.varint(hex.length / 2);
    this.#reserve(hex.length / 2);
    this.#size += this.#bytes.write(hex, this.#size, 'hex');
  }

  /** The bytes as they are. */
  raw(value: Uint8Array): void {
    this.#reserve(value.length);
    this.#bytes.set(value, this.#size);
    this.#size += value.length;
  }

  #reserve(extra: number): void {
    if (this.#size + extra <= this.#bytes.length) return;
    const larger = Buffer.allocUnsafe(Math.max(this.#bytes.length * 2, this.#size + extra));
    larger.set(this.#bytes.subarray(0, this.#size));
    this.#bytes = larger;
  }
}

function varintSize(value: number): number {
  let size = 1;
  for (let rest = value; rest >= 0x80; rest = Math.floor(rest / 128)) size++;
  return size;
}
