import type { EdgeRollup } from './rollups.ts';

const slots = 1 << 17;
const mask = slots - 1;
const full = slots * 0.6;
/** So many slots are looked at before a place, or an answer, is given up: a parent with more waiting children is rare. */
const reach = 256;

/** A span that was seen, in four words: id low, id high, number of its service (0: the slot is free), unused. */
const spanWords = 4;
/** A span that waits for its parent, in eight words: parent's id low and high, service, error, minute, unused, duration. */
const childWords = 8;

/** One of two generations of a table: when the young one is full, the old one is forgotten. */
class Generation {
  readonly words: Uint32Array;
  /** The same memory, for durations. */
  readonly doubles: Float64Array;
  size = 0;
  constructor(wordsPerSlot: number) {
    this.words = new Uint32Array(slots * wordsPerSlot);
    this.doubles = new Float64Array(this.words.buffer);
  }
  clear(): void {
    this.words.fill(0);
    this.size = 0;
  }
}

/**
 * Finds calls between services while spans stream by: a span whose parent belongs to another service is a call. Parents
 * and children arrive in any order and in different requests, so spans are remembered for a while, and children wait
 * for a while; what is farther apart than some 80,000 to 160,000 spans is not found. That costs the service map a
 * little and the traces nothing. Of the children that wait for one parent at most 256 are kept.
 */
export class CallFinder {
  #spans = new Generation(spanWords);
  #spansBefore = new Generation(spanWords);
  #children = new Generation(childWords);
  #childrenBefore = new Generation(childWords);
  readonly #services = new Map<string, number>();
  readonly #names: string[] = [''];
  readonly #edges: EdgeRollup;

  constructor(edges: EdgeRollup) {
    this.#edges = edges;
  }

  /** The number that stands for a service here, from 1; 0 when there are more than 65,535. */
  service(name: string): number {
    let id = this.#services.get(name);
    if (id === undefined) {
      if (this.#names.length > 0xffff) return 0;
      id = this.#names.push(name) - 1;
      this.#services.set(name, id);
    }
    return id;
  }

  name(id: number): string {
    return this.#names[id]!;
  }

  /** Hot: once per span. Ids as their two little-endian words; a parent of 0,0 is none. */
  add(
    low: number,
    high: number,
    parentLow: number,
    parentHigh: number,
    service: number,
    minute: number,
    error: boolean,
    nanos: number,
  ): void {
    if (service === 0) return;
    this.#remember(low, high, service);
    this.#answer(this.#children, low, high, service);
    if (this.#childrenBefore.size > 0) this.#answer(this.#childrenBefore, low, high, service);
    if (parentLow === 0 && parentHigh === 0) return;
    const caller = find(this.#spans, parentLow, parentHigh) || find(this.#spansBefore, parentLow, parentHigh);
    if (caller === 0) this.#wait(parentLow, parentHigh, service, minute, error, nanos);
    else if (caller !== service) this.#edges.add(minute, caller, service, error, nanos);
  }

  #remember(low: number, high: number, service: number): void {
    if (this.#spans.size > full) {
      [this.#spans, this.#spansBefore] = [this.#spansBefore, this.#spans];
      this.#spans.clear();
    }
    const { words } = this.#spans;
    let at = slotOf(low, high) * spanWords;
    for (let n = 0; words[at + 2] !== 0; n++) {
      // The same span again, or one too many.
      if (n === reach || (words[at] === low && words[at + 1] === high)) return;
      at = (at + spanWords) & (slots * spanWords - 1);
    }
    words[at] = low;
    words[at + 1] = high;
    words[at + 2] = service;
    this.#spans.size++;
  }

  #wait(low: number, high: number, service: number, minute: number, error: boolean, nanos: number): void {
    if (this.#children.size > full) {
      [this.#children, this.#childrenBefore] = [this.#childrenBefore, this.#children];
      this.#children.clear();
    }
    const { words, doubles } = this.#children;
    let at = slotOf(low, high) * childWords;
    for (let n = 0; words[at + 2] !== 0 && (words[at] !== 0 || words[at + 1] !== 0); n++) {
      if (n === reach) return;
      at = (at + childWords) & (slots * childWords - 1);
    }
    if (words[at + 2] === 0) this.#children.size++;
    words[at] = low;
    words[at + 1] = high;
    words[at + 2] = service;
    words[at + 3] = error ? 1 : 0;
    words[at + 4] = minute;
    doubles[(at >> 1) + 3] = nanos;
  }

  /** The children that wait for this span: calls, if they are of other services. */
  #answer({ words, doubles }: Generation, low: number, high: number, service: number): void {
    let at = slotOf(low, high) * childWords;
    for (
      let n = 0;
      words[at + 2] !== 0 && n <= reach;
      n++, at = (at + childWords) & (slots * childWords - 1)
    ) {
      if (words[at] !== low || words[at + 1] !== high) continue;
      const child = words[at + 2]!;
      if (child !== service)
        this.#edges.add(words[at + 4]!, service, child, words[at + 3] === 1, doubles[(at >> 1) + 3]!);
      // Answered: an id that nobody has keeps those behind it findable until the slot is used again.
      words[at] = 0;
      words[at + 1] = 0;
    }
  }
}

function find({ words }: Generation, low: number, high: number): number {
  let at = slotOf(low, high) * spanWords;
  for (let n = 0; words[at + 2] !== 0 && n <= reach; n++, at = (at + spanWords) & (slots * spanWords - 1))
    if (words[at] === low && words[at + 1] === high) return words[at + 2]!;
  return 0;
}

/** Span ids are random, but need not be: some senders count. */
function slotOf(low: number, high: number): number {
  const hash = Math.imul(low ^ high, 0x9e3779b1);
  return (hash ^ (hash >>> 15)) & mask;
}
