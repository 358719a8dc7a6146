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

/** The spans of one trace that were added last: at most so many, of so many words each. */
const runLength = 64;
const runWords = 8;

/** One of two generations of a table: when the young one is full, the old one is forgotten. */
class Generation {
  readonly words: Uint32Array;
  /** The same memory, for durations. */
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
  readonly #run = new Uint32Array(runLength * runWords);
  readonly #nanos = new Float64Array(runLength);
  #count = 0;
  #traceLow = 0;
  #traceHigh = 0;

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

  /**
   * Hot: once per span, those of one trace one after the other. Ids as their two little-endian words (of the trace id, two
   * of its four); a parent of 0,0 is none. What `flush` has not been called for yet may still be missing.
   */
  add(
    traceLow: number,
    traceHigh: number,
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
    if (this.#count === runLength || traceLow !== this.#traceLow || traceHigh !== this.#traceHigh) {
      this.flush();
      this.#traceLow = traceLow;
      this.#traceHigh = traceHigh;
    }
    const at = this.#count * runWords;
    const run = this.#run;
    run[at] = low;
    run[at + 1] = high;
    run[at + 2] = parentLow;
    run[at + 3] = parentHigh;
    run[at + 4] = service;
    run[at + 5] = minute;
    run[at + 6] = error ? 1 : 0;
    this.#nanos[this.#count++] = nanos;
  }

  /** Finds the calls of the trace added last: mostly a parent is near its children, and nothing needs to be remembered. */
  flush(): void {
    const run = this.#run;
    const end = this.#count * runWords;
    for (let at = 0; at < end; at += runWords) this.#settle(at, end);
    for (let at = 0; at < end; at += runWords) this.#remember(run[at]!, run[at + 1]!, run[at + 4]!);
    this.#count = 0;
  }

  #settle(at: number, end: number): void {
    const run = this.#run;
    const [low, high, service] = [run[at]!, run[at + 1]!, run[at + 4]!];
    this.#answer(this.#children, low, high, service);
    if (this.#childrenBefore.size > 0) this.#answer(this.#childrenBefore, low, high, service);
    const parentLow = run[at + 2]!;
    const parentHigh = run[at + 3]!;
    if (parentLow === 0 && parentHigh === 0) return;
    let caller = 0;
    for (let other = 0; other < end; other += runWords)
      if (run[other] === parentLow && run[other + 1] === parentHigh) {
        caller = run[other + 4]!;
        break;
      }
    if (caller === 0)
      caller = find(this.#spans, parentLow, parentHigh) || find(this.#spansBefore, parentLow, parentHigh);
    const nanos = this.#nanos[at / runWords]!;
    if (caller === 0) this.#wait(parentLow, parentHigh, service, run[at + 5]!, run[at + 6] === 1, nanos);
    else if (caller !== service) this.#edges.add(run[at + 5]!, caller, service, run[at + 6] === 1, nanos);
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
    const { words, doubles, marks } = this.#children;
    const slot = slotOf(low, high);
    marks[slot & 0xffff] = 1;
    let at = slot * childWords;
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
  #answer({ words, doubles, marks }: Generation, low: number, high: number, service: number): void {
    const slot = slotOf(low, high);
    if (marks[slot & 0xffff] === 0) return;
    let at = slot * childWords;
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
