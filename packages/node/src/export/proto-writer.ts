/** So many keys of attributes are kept encoded; services have a few hundred. */
const maxKeys = 4096;
/** Strings shorter than this are copied by the character; the call into native code is dearer than that. */
const shortString = 64;
const hexDigits = new Uint8Array(128);
for (let digit = 0; digit < 16; digit++) {
  hexDigits[digit.toString(16).charCodeAt(0)] = digit;
  hexDigits[digit.toString(16).toUpperCase().charCodeAt(0)] = digit;
}

/**
 * Protobuf into one growing buffer, which is used again after `clear`. Hot: runs for every field of every span
 * (benchmarks/sdk.ts). Who writes a field of fixed size has asked for room before; strings and bytes make their own.
 */
export class ProtoWriter {
  bytes: Buffer;
  length = 0;
  readonly #keys = new Map<string, Uint8Array>();
  readonly #double = new Float64Array(1);
  readonly #doubleBytes = new Uint8Array(this.#double.buffer);
  #second = -1;
  #secondLow = 0;
  #secondHigh = 0;

  constructor(bytes: Buffer = Buffer.allocUnsafeSlow(16_384)) {
    this.bytes = bytes;
  }

  clear(): void {
    this.length = 0;
  }

  /** Makes room for so many bytes more. */
  room(bytes: number): void {
    if (this.length + bytes > this.bytes.length) this.#grow(bytes);
  }

  #grow(bytes: number): void {
    const larger = Buffer.allocUnsafeSlow(Math.max(this.bytes.length * 2, this.length + bytes));
    this.bytes.copy(larger, 0, 0, this.length);
    this.bytes = larger;
  }

  byte(value: number): void {
    this.bytes[this.length++] = value;
  }

  /** A whole number from 0 to 2^53. */
  varint(value: number): void {
    const { bytes } = this;
    let at = this.length;
    while (value > 0x7fffffff) {
      bytes[at++] = (value % 128) | 0x80;
      value = Math.floor(value / 128);
    }
    while (value > 127) {
      bytes[at++] = (value & 127) | 0x80;
      value >>>= 7;
    }
    bytes[at++] = value;
    this.length = at;
  }

  /** A whole number within 64 bits and their sign, in two's complement. */
  int64(value: number): void {
    if (value >= 0 && value <= Number.MAX_SAFE_INTEGER) this.varint(value);
    else this.#largeInt64(BigInt.asUintN(64, BigInt(value)));
  }

  #largeInt64(value: bigint): void {
    for (; value > 127n; value >>= 7n) this.byte(Number(value & 127n) | 0x80);
    this.byte(Number(value));
  }

  fixed32(value: number): void {
    const { bytes } = this;
    const at = this.length;
    bytes[at] = value;
    bytes[at + 1] = value >>> 8;
    bytes[at + 2] = value >>> 16;
    bytes[at + 3] = value >>> 24;
    this.length = at + 4;
  }

  double(value: number): void {
    this.#double[0] = value;
    for (let i = 0; i < 8; i++) this.bytes[this.length++] = this.#doubleBytes[i]!;
  }

  /** Nanoseconds since 1970, out of whole seconds and nanoseconds; most times share their second with the one before. */
  time(seconds: number, nanos: number): void {
    if (seconds !== this.#second) this.#startSecond(seconds);
    const low = this.#secondLow + nanos;
    this.fixed32(low);
    this.fixed32(this.#secondHigh + Math.floor(low / 0x1_0000_0000));
  }

  /** `seconds` · 10^9 in two halves: its upper bits and its lower 16, so that each product is exact. */
  #startSecond(seconds: number): void {
    const upper = Math.floor(seconds / 0x1_0000) * 1e9;
    const low = (upper % 0x1_0000) * 0x1_0000 + (seconds & 0xffff) * 1e9;
    this.#second = seconds;
    this.#secondLow = low % 0x1_0000_0000;
    this.#secondHigh = Math.floor(upper / 0x1_0000) + Math.floor(low / 0x1_0000_0000);
  }

  /** The bytes that a text of hex digits stands for, after their length. */
  hex(text: string): void {
    const { bytes } = this;
    const size = text.length >>> 1;
    let at = this.length;
    bytes[at++] = size;
    for (let i = 0; i < size; i++) {
      bytes[at++] = (hexDigits[text.charCodeAt(2 * i)]! << 4) | hexDigits[text.charCodeAt(2 * i + 1)]!;
    }
    this.length = at;
  }

  /** A string as UTF-8 after its length; half a surrogate pair is written as U+FFFD. */
  string(text: string): void {
    const size = text.length;
    this.room(size * 3 + 10);
    if (size >= shortString) return this.#longString(text);
    const { bytes } = this;
    const at = this.length + 1;
    for (let i = 0; i < size; i++) {
      const code = text.charCodeAt(i);
      if (code > 127) return this.#longString(text);
      bytes[at + i] = code;
    }
    bytes[at - 1] = size;
    this.length = at + size;
  }

  #longString(text: string): void {
    const start = this.open(text.length);
    this.length += this.bytes.write(text, this.length);
    this.close(start);
  }

  /**
   * The field `tag` with a KeyValue of a short ASCII string, whose lengths are known before it is written; false, and
   * nothing is written, where the value is not such a string. `key` is as `encodedKey` gives it.
   */
  shortAttribute(tag: number, key: Uint8Array, value: string): boolean {
    const { bytes } = this;
    const size = value.length;
    const whole = key.length + 3 + size;
    if (size >= shortString || whole > 127) return false;
    let at = this.length;
    bytes[at++] = tag;
    bytes[at++] = whole;
    bytes.set(key, at);
    at += key.length;
    bytes[at++] = size + 2;
    bytes[at++] = 0x0a;
    bytes[at++] = size;
    for (let i = 0; i < size; i++) {
      const code = value.charCodeAt(i);
      if (code > 127) return false;
      bytes[at++] = code;
    }
    this.length = at;
    return true;
  }

  /** Bytes after their length. */
  blob(value: Uint8Array): void {
    this.room(value.length + 10);
    this.varint(value.length);
    this.raw(value);
  }

  /** Bytes as they are. */
  raw(value: Uint8Array): void {
    this.room(value.length);
    this.bytes.set(value, this.length);
    this.length += value.length;
  }

  /** A KeyValue from its first byte to the tag of its value. */
  encodedKey(key: string): Uint8Array {
    return this.#keys.get(key) ?? this.#encodeKey(key);
  }

  #encodeKey(key: string): Uint8Array {
    const text = Buffer.from(key);
    const writer = new ProtoWriter(Buffer.alloc(text.length + 20));
    writer.byte(0x0a);
    writer.blob(text);
    writer.byte(0x12);
    const encoded = new Uint8Array(writer.bytes.subarray(0, writer.length));
    if (this.#keys.size < maxKeys && encoded.length < 128) this.#keys.set(key, encoded);
    return encoded;
  }

  /** Leaves room for the length of a message of about `expected` bytes; returns what `close` wants. */
  open(expected: number): number {
    const start = this.length;
    this.length = start + sizeOfVarint(expected);
    return start * 8 + sizeOfVarint(expected);
  }

  /** Writes the length of the message that was begun by `open`, and moves the message where more room is needed. */
  close(opened: number): void {
    const start = Math.floor(opened / 8);
    const left = opened % 8;
    const size = this.length - start - left;
    const needed = sizeOfVarint(size);
    if (needed !== left) {
      this.room(needed);
      this.bytes.copyWithin(start + needed, start + left, start + left + size);
    }
    this.length = start;
    this.varint(size);
    this.length += size;
  }
}

function sizeOfVarint(value: number): number {
  let size = 1;
  for (; value > 127; value = Math.floor(value / 128)) size++;
  return size;
}
