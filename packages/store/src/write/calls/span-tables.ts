const slots = 1 << 17;
const mask = slots - 1;
const full = slots * 0.6;
/** So many slots are looked at before a place, or an answer, is given up: a parent with more waiting children is rare. */
const reach = 256;

/** One of two generations of a table: when the young one is full, the old one is forgotten. */
class Generation {
  readonly words: Uint32Array;
  /** The same memory, for times. */
  readonly doubles: Float64Array;
  /** Where an id has no mark it is not in the table: small enough to stay in the processor's cache. */
  readonly marks = new Uint8Array(1 << 16);
  size = 0;
  constructor(wordsPerSlot: number) {
    this.words = new Uint32Array(slots * wordsPerSlot);
    this.doubles = new Float64Array(this.words.buffer);
  }
  clear(): void {
    this.words.fill(0);
    this.marks.fill(0);
    this.size = 0;
  }
}

/** A span that was seen, in four words: id low, id high, number of its service (0: the slot is free), its end. */
const spanWords = 4;

/** Spans by id: the last 80,000 to 160,000. Hot: a few times per span (ingest benchmark). */
export class SeenSpans {
  #young = new Generation(spanWords);
  #old = new Generation(spanWords);
  /** Of the span found last: number of its service, and its end (see SpanEnds). */
  service = 0;
  end = 0;

  find(low: number, high: number): boolean {
    return this.#findIn(this.#young, low, high) || this.#findIn(this.#old, low, high);
  }

  remember(low: number, high: number, service: number, end: number): void {
    if (this.#young.size > full) {
      [this.#young, this.#old] = [this.#old, this.#young];
      this.#young.clear();
    }
    const { words } = this.#young;
    let at = slotOf(low, high) * spanWords;
    for (let n = 0; words[at + 2] !== 0; n++) {
      // The same span again, or one too many.
      if (n === reach || (words[at] === low && words[at + 1] === high)) return;
      at = (at + spanWords) & (slots * spanWords - 1);
    }
    words[at] = low;
    words[at + 1] = high;
    words[at + 2] = service;
    words[at + 3] = end;
    this.#young.size++;
  }

  #findIn({ words }: Generation, low: number, high: number): boolean {
    let at = slotOf(low, high) * spanWords;
    for (let n = 0; words[at + 2] !== 0 && n <= reach; n++, at = (at + spanWords) & (slots * spanWords - 1))
      if (words[at] === low && words[at + 1] === high) {
        this.service = words[at + 2]!;
        this.end = words[at + 3]!;
        return true;
      }
    return false;
  }
}

/** A span under its parent, as it waits for it and as it is found. */
export interface Child {
  service: number;
  flags: number;
  /** See SpanEnds. */
  end: number;
  start: number;
  nanos: number;
}

/**
 * A child that waits, in eight words: parent's id low and high, service and flags (0: the slot is free), its end, start,
 * duration.
 */
const childWords = 8;

/** Spans that wait for their parents, by the parent's id. Of those that wait for one parent at most 256 are kept. */
export class WaitingSpans {
  #young = new Generation(childWords);
  #old = new Generation(childWords);

  /** `service` and `flags` have 16 bits each. */
  add(low: number, high: number, child: Child): void {
    if (this.#young.size > full) {
      [this.#young, this.#old] = [this.#old, this.#young];
      this.#young.clear();
    }
    const { words, doubles, marks } = this.#young;
    const slot = slotOf(low, high);
    marks[slot & 0xffff] = 1;
    let at = slot * childWords;
    for (let n = 0; words[at + 2] !== 0 && (words[at] !== 0 || words[at + 1] !== 0); n++) {
      if (n === reach) return;
      at = (at + childWords) & (slots * childWords - 1);
    }
    if (words[at + 2] === 0) this.#young.size++;
    words[at] = low;
    words[at + 1] = high;
    words[at + 2] = child.service | (child.flags << 16);
    words[at + 3] = child.end;
    doubles[(at >> 1) + 2] = child.start;
    doubles[(at >> 1) + 3] = child.nanos;
  }

  /** Hands those that wait for this parent to `found`, each once, in one object that is used again. */
  take(low: number, high: number, found: (child: Child) => void): void {
    this.#takeFrom(this.#young, low, high, found);
    if (this.#old.size > 0) this.#takeFrom(this.#old, low, high, found);
  }

  #takeFrom(
    { words, doubles, marks }: Generation,
    low: number,
    high: number,
    found: (child: Child) => void,
  ): void {
    const slot = slotOf(low, high);
    if (marks[slot & 0xffff] === 0) return;
    let at = slot * childWords;
    for (
      let n = 0;
      words[at + 2] !== 0 && n <= reach;
      n++, at = (at + childWords) & (slots * childWords - 1)
    ) {
      if (words[at] !== low || words[at + 1] !== high) continue;
      const child = this.#child;
      child.service = words[at + 2]! & 0xffff;
      child.flags = words[at + 2]! >>> 16;
      child.end = words[at + 3]!;
      child.start = doubles[(at >> 1) + 2]!;
      child.nanos = doubles[(at >> 1) + 3]!;
      // Answered: an id that nobody has keeps those behind it findable until the slot is used again.
      words[at] = 0;
      words[at + 1] = 0;
      found(child);
    }
  }
  readonly #child: Child = { service: 0, flags: 0, end: 0, start: 0, nanos: 0 };
}

/** Span ids are random, but need not be: some senders count. */
function slotOf(low: number, high: number): number {
  const hash = Math.imul(low ^ high, 0x9e3779b1);
  return (hash ^ (hash >>> 15)) & mask;
}

const ends = 1 << 17;
/** An end, in ten words: id low and high, role and state, node, service, the enclosing end, start, duration. */
const endWords = 10;

/**
 * Ends of calls and messages: what is known of the client, producer and consumer spans seen last, by numbers from 1 that
 * are used again after 131,071 others.
 */
export class SpanEnds {
  readonly #words = new Uint32Array(ends * endWords);
  readonly #doubles = new Float64Array(this.#words.buffer);
  #last = 0;

  add(
    low: number,
    high: number,
    role: number,
    node: number,
    service: number,
    start: number,
    nanos: number,
  ): number {
    this.#last = (this.#last + 1) & (ends - 1) || 1;
    const at = this.#last * endWords;
    const words = this.#words;
    words[at] = low;
    words[at + 1] = high;
    words[at + 2] = role;
    words[at + 3] = node;
    words[at + 4] = service;
    words[at + 5] = 0;
    this.#doubles[(at >> 1) + 3] = start;
    this.#doubles[(at >> 1) + 4] = nanos;
    return this.#last;
  }

  /** The end's number, or 0 where another span has it by now. */
  of(end: number, low: number, high: number): number {
    const at = end * endWords;
    return this.#words[at] === low && this.#words[at + 1] === high ? end : 0;
  }

  /** Likewise, where instead of its id the span's times are known. */
  ofTimes(end: number, start: number, nanos: number): number {
    return this.start(end) === start && this.nanos(end) === nanos ? end : 0;
  }

  role(end: number): number {
    return this.#words[end * endWords + 2]! & 0xff;
  }
  has(end: number, state: number): boolean {
    return (this.#words[end * endWords + 2]! & state) !== 0;
  }
  set(end: number, state: number): void {
    this.#words[end * endWords + 2]! |= state;
  }
  unset(end: number, state: number): void {
    this.#words[end * endWords + 2]! &= ~state;
  }
  node(end: number): number {
    return this.#words[end * endWords + 3]!;
  }
  setNode(end: number, node: number): void {
    this.#words[end * endWords + 3] = node;
  }
  service(end: number): number {
    return this.#words[end * endWords + 4]!;
  }
  /** The end whose span encloses this one's in the same service; 0: none. */
  outer(end: number): number {
    return this.#words[end * endWords + 5]!;
  }
  setOuter(end: number, outer: number): void {
    this.#words[end * endWords + 5] = outer;
  }
  start(end: number): number {
    return this.#doubles[end * (endWords / 2) + 3]!;
  }
  nanos(end: number): number {
    return this.#doubles[end * (endWords / 2) + 4]!;
  }

  /** Forgets all. */
  clear(): void {
    this.#words.fill(0);
  }
}
