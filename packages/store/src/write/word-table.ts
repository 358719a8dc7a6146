/**
 * Numbers distinct keys of 2 or 4 32-bit words in the order of their first appearance: ids, or pairs of numbers.
 * Open addressing over typed arrays. Hot: a few times per span (ingest benchmark).
 */
export class WordTable {
  size = 0;
  #words: 2 | 4;
  #keys: Uint32Array;
  #slots: Int32Array;

  constructor(words: 2 | 4, capacity = 256) {
    this.#words = words;
    this.#keys = new Uint32Array(words * capacity);
    this.#slots = new Int32Array(capacity * 2).fill(-1);
  }

  /** The number of the key, which is added when it is new (then it equals the former `size`). */
  id(a: number, b: number, c = 0, d = 0): number {
    const mask = this.#slots.length - 1;
    let slot = hashOf(a, b, c, d) & mask;
    for (let id = this.#slots[slot]!; id >= 0; id = this.#slots[slot]!) {
      if (this.#is(id, a >>> 0, b >>> 0, c >>> 0, d >>> 0)) return id;
      slot = (slot + 1) & mask;
    }
    const id = this.size++;
    const at = id * this.#words;
    this.#keys[at] = a;
    this.#keys[at + 1] = b;
    if (this.#words === 4) {
      this.#keys[at + 2] = c;
      this.#keys[at + 3] = d;
    }
    this.#slots[slot] = id;
    if (this.size * 2 >= this.#slots.length) this.#grow();
    return id;
  }

  /** Like `id`, but adds nothing: -1 where the key is not in it. */
  known(a: number, b: number, c = 0, d = 0): number {
    const mask = this.#slots.length - 1;
    for (let slot = hashOf(a, b, c, d) & mask; this.#slots[slot]! >= 0; slot = (slot + 1) & mask) {
      const id = this.#slots[slot]!;
      if (this.#is(id, a >>> 0, b >>> 0, c >>> 0, d >>> 0)) return id;
    }
    return -1;
  }

  /** Word `n` of key `id`. */
  word(id: number, n: number): number {
    return this.#keys[id * this.#words + n]!;
  }

  clear(): void {
    this.size = 0;
    this.#slots.fill(-1);
  }

  #is(id: number, a: number, b: number, c: number, d: number): boolean {
    const at = id * this.#words;
    const keys = this.#keys;
    return (
      keys[at] === a &&
      keys[at + 1] === b &&
      (this.#words === 2 || (keys[at + 2] === c && keys[at + 3] === d))
    );
  }

  #grow(): void {
    const keys = new Uint32Array(this.#keys.length * 2);
    keys.set(this.#keys);
    this.#keys = keys;
    const slots = new Int32Array(this.#slots.length * 2).fill(-1);
    const mask = slots.length - 1;
    for (let id = 0; id < this.size; id++) {
      const at = id * this.#words;
      const wide = this.#words === 4;
      let slot = hashOf(keys[at]!, keys[at + 1]!, wide ? keys[at + 2]! : 0, wide ? keys[at + 3]! : 0) & mask;
      while (slots[slot]! >= 0) slot = (slot + 1) & mask;
      slots[slot] = id;
    }
    this.#slots = slots;
  }
}

function hashOf(a: number, b: number, c: number, d: number): number {
  let hash = Math.imul(a ^ (b >>> 16) ^ (b << 16), 0x9e3779b1) ^ Math.imul(c ^ (d << 7), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 15), 0x2c1b3c6d);
  return hash ^ (hash >>> 13);
}
