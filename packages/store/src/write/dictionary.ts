import { copyBytes, GrowingBytes, writeVarint } from './bytes.ts';

/** The distinct byte strings of a block, numbered in the order of their first appearance. */
export class Dictionary {
  /** All keys as varint length + bytes: ClickHouse's form. */
  readonly keys = new GrowingBytes(4096);
  size = 0;
  #slots = new Int32Array(1024).fill(-1);
  #starts = new Int32Array(512);
  #lengths = new Int32Array(512);
  #hashes = new Int32Array(512);
  /** Of each string, the one that was asked for next the last time: attributes come in the same order again and again. */
  #followers = new Int32Array(512);
  #last = 0;

  /** Hot: once per attribute (ingest benchmark). The number of the string, which is added when it is new. */
  id(from: Uint8Array, start: number, count: number): number {
    const follower = this.#followers[this.#last]!;
    if (follower < this.size && this.#equals(follower, from, start, count)) return (this.#last = follower);
    const id = this.#find(from, start, count);
    this.#followers[this.#last] = id;
    return (this.#last = id);
  }

  /** Like `id`, but adds nothing: -1 where the string is not in it. */
  known(from: Uint8Array, start: number, count: number): number {
    const hash = hashOf(from, start, count);
    const mask = this.#slots.length - 1;
    for (let slot = hash & mask; this.#slots[slot]! >= 0; slot = (slot + 1) & mask) {
      const id = this.#slots[slot]!;
      if (this.#hashes[id] === hash && this.#equals(id, from, start, count)) return id;
    }
    return -1;
  }

  #find(from: Uint8Array, start: number, count: number): number {
    const hash = hashOf(from, start, count);
    const mask = this.#slots.length - 1;
    let slot = hash & mask;
    for (let id = this.#slots[slot]!; id >= 0; id = this.#slots[slot]!) {
      if (this.#hashes[id] === hash && this.#equals(id, from, start, count)) return id;
      slot = (slot + 1) & mask;
    }
    return this.#add(hash, slot, from, start, count);
  }

  text(id: number): string {
    const start = this.#starts[id]!;
    return this.keys.bytes.toString('utf8', start, start + this.#lengths[id]!);
  }

  /** Appends the string to a column of strings. */
  copyTo(column: { copy(from: Uint8Array, start: number, count: number): void }, id: number): void {
    column.copy(this.keys.bytes, this.#starts[id]!, this.#lengths[id]!);
  }

  clear(): void {
    this.size = 0;
    this.#last = 0;
    this.keys.clear();
    if (this.#slots.length > 16_384) this.#slots = new Int32Array(1024);
    this.#slots.fill(-1);
  }

  #equals(id: number, from: Uint8Array, start: number, count: number): boolean {
    if (this.#lengths[id] !== count) return false;
    const bytes = this.keys.bytes;
    const own = this.#starts[id]!;
    for (let i = 0; i < count; i++) if (bytes[own + i] !== from[start + i]) return false;
    return true;
  }

  #add(hash: number, slot: number, from: Uint8Array, start: number, count: number): number {
    const id = this.size++;
    if (id === this.#starts.length) this.#growKeys();
    const at = this.keys.reserve(count + 5);
    const body = writeVarint(this.keys.bytes, at, count);
    copyBytes(from, start, count, this.keys.bytes, body);
    this.keys.length = body + count;
    this.#starts[id] = body;
    this.#lengths[id] = count;
    this.#hashes[id] = hash;
    this.#slots[slot] = id;
    if (this.size * 2 > this.#slots.length) this.#rehash();
    return id;
  }

  #growKeys(): void {
    this.#starts = doubled(this.#starts);
    this.#lengths = doubled(this.#lengths);
    this.#hashes = doubled(this.#hashes);
    this.#followers = doubled(this.#followers);
  }

  #rehash(): void {
    const slots = new Int32Array(this.#slots.length * 2).fill(-1);
    const mask = slots.length - 1;
    for (let id = 0; id < this.size; id++) {
      let slot = this.#hashes[id]! & mask;
      while (slots[slot]! >= 0) slot = (slot + 1) & mask;
      slots[slot] = id;
    }
    this.#slots = slots;
  }
}

function hashOf(from: Uint8Array, start: number, count: number): number {
  let hash = count;
  const end = start + count;
  let i = start;
  for (; i + 1 < end; i += 2) hash = Math.imul(hash, 0x01000193) ^ (from[i]! | (from[i + 1]! << 8));
  if (i < end) hash = Math.imul(hash, 0x01000193) ^ from[i]!;
  return hash ^ (hash >>> 15);
}

function doubled(array: Int32Array): Int32Array<ArrayBuffer> {
  const larger = new Int32Array(array.length * 2);
  larger.set(array);
  return larger;
}
