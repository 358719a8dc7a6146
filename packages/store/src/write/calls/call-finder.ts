import { edgeKinds } from '../../edge-kinds.ts';
import type { AttributeColumns } from '../attributes.ts';
import { firstPeer, Peers, roles } from './peers.ts';
import { SeenSpans, SpanEnds, WaitingSpans, type Child } from './span-tables.ts';
import { untimed, type EdgeRollup } from '../rollups.ts';

/** The spans of one trace that were added last: at most so many, of so many words each. */
const runLength = 64;
const runWords = 7;

/** What a child is to its parent, beside its kind in the bits above. */
const isError = 1;
const isLink = 2;
const kindShift = 2;
const kindMask = 7;
/** It is a consumer that links to another span than its parent. */
const hasLinks = 0x20;
const [server, consumer] = [2, 5];

// States of an end, above its role.
const failed = 0x100;
/** A span of another service, or a server's of the same, is below it. */
const answered = 0x200;
/** It stands in the edges. */
const counted = 0x400;
/** Its topic is that of the producer. */
const inherited = 0x800;

/**
 * Finds calls and messages between services while spans stream by. A span whose parent belongs to another service is a
 * call; with a producer or a consumer between them it is a message through a topic, as with a consumer that links to a
 * span. A client span that nobody answers is a call to a database or to a peer that sends no spans: it is counted at
 * once, and taken back when an answer comes.
 *
 * Parents and children arrive in any order and in different requests, so spans are remembered for a while, and children
 * wait for a while; what is farther apart than some 80,000 to 160,000 spans is not found. That costs the service map a
 * little and the traces nothing. Of the children that wait for one parent at most 256 are kept.
 *
 * Spans are known by their id and some bits of the trace's, as there are senders that number the spans of every trace
 * alike.
 */
export class CallFinder {
  readonly #spans = new SeenSpans();
  readonly #waiting = new WaitingSpans();
  readonly #ends = new SpanEnds();
  readonly #peers: Peers;
  readonly #services = new Map<string, number>();
  readonly #names: string[] = [''];
  readonly #edges: EdgeRollup;
  /** In words: id low and high, parent's id low and high, service, flags, its end. */
  readonly #run = new Uint32Array(runLength * runWords);
  readonly #starts = new Float64Array(runLength);
  readonly #nanos = new Float64Array(runLength);
  #count = 0;
  #traceLow = 0;
  #traceHigh = 0;
  /** What the halves of the ids of this trace's spans are XORed with. */
  #markLow = 0;
  #markHigh = 0;

  /** `attributes`: where the attributes of each span are added, between `mark` and `add`. */
  constructor(edges: EdgeRollup, attributes: AttributeColumns) {
    this.#edges = edges;
    this.#peers = new Peers(attributes);
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

  /** Of a service, or of a topic, database or peer as `edges` has it. */
  name(id: number): string {
    return id < firstPeer ? this.#names[id]! : this.#peers.name(id);
  }

  /** Hot: before the attributes of a span are added. */
  mark(): void {
    this.#peers.mark();
  }

  /**
   * Hot: once per span, those of one trace one after the other. Ids as their two little-endian words (of the trace id, the
   * latter two of its four); a parent of 0,0 is none. What `flush` has not been called for yet may still be missing.
   */
  add(
    traceLow: number,
    traceHigh: number,
    low: number,
    high: number,
    parentLow: number,
    parentHigh: number,
    service: number,
    kind: number,
    start: number,
    nanos: number,
    error: boolean,
  ): void {
    if (service === 0) return;
    if (traceLow !== this.#traceLow || traceHigh !== this.#traceHigh) {
      this.flush();
      this.#traceLow = traceLow;
      this.#traceHigh = traceHigh;
      this.#markLow = markOf(traceLow, traceHigh);
      this.#markHigh = Math.imul(this.#markLow, 0xc2b2ae35);
    }
    const markLow = this.#markLow;
    const markHigh = this.#markHigh;
    const idLow = (low ^ markLow) >>> 0;
    const idHigh = (high ^ markHigh) >>> 0;
    const end = kind > server ? this.#end(kind, idLow, idHigh, service, start, nanos, error) : 0;
    const flags = (error ? isError : 0) | (kind << kindShift);
    const isRoot = parentLow === 0 && parentHigh === 0;
    const upLow = isRoot ? 0 : (parentLow ^ markLow) >>> 0;
    const upHigh = isRoot ? 0 : (parentHigh ^ markHigh) >>> 0;
    this.#push(idLow, idHigh, upLow, upHigh, service, flags, end, start, nanos);
  }

  /** A link of the span added last. Only those of consumers count, and not one to the parent. */
  addLink(traceLow: number, traceHigh: number, low: number, high: number): void {
    if (this.#count === 0) return;
    const at = (this.#count - 1) * runWords;
    const run = this.#run;
    const end = run[at + 6]!;
    const role = end === 0 ? roles.none : this.#ends.role(end);
    if (role !== roles.consume && role !== roles.weakConsume) return;
    const markLow = markOf(traceLow, traceHigh);
    const idLow = (low ^ markLow) >>> 0;
    const idHigh = (high ^ Math.imul(markLow, 0xc2b2ae35)) >>> 0;
    if (run[at + 2] === idLow && run[at + 3] === idHigh) return;
    // They say where the message comes from, better than the parent does.
    if ((run[at + 5]! & isLink) === 0) run[at + 5]! |= hasLinks;
    const flags = run[at + 5]! | isLink;
    const [ownLow, ownHigh, service] = [run[at]!, run[at + 1]!, run[at + 4]!];
    const [start, nanos] = [this.#starts[this.#count - 1]!, this.#nanos[this.#count - 1]!];
    this.#push(ownLow, ownHigh, idLow, idHigh, service, flags, end, start, nanos);
  }

  /** Finds the calls of the trace added last: mostly a parent is near its children, and nothing needs to be remembered. */
  flush(): void {
    const run = this.#run;
    const end = this.#count * runWords;
    for (let at = 0; at < end; at += runWords) this.#settle(at, end);
    for (let at = 0; at < end; at += runWords) {
      if ((run[at + 5]! & isLink) !== 0) continue;
      this.#spans.remember(run[at]!, run[at + 1]!, run[at + 4]!, run[at + 6]!);
      if (run[at + 6] !== 0) this.#countEnd(run[at + 6]!);
    }
    this.#count = 0;
  }

  /** The block is done, which was received at `received` seconds since 1970. */
  clear(received: number): void {
    if (this.#peers.clear(received)) this.#ends.clear();
  }

  #end(
    kind: number,
    low: number,
    high: number,
    service: number,
    start: number,
    nanos: number,
    error: boolean,
  ): number {
    const peers = this.#peers;
    peers.read(kind);
    if (peers.role === roles.none) return 0;
    const role = error ? peers.role | failed : peers.role;
    return this.#ends.add(low, high, role, peers.node, service, start, nanos);
  }

  #push(
    low: number,
    high: number,
    parentLow: number,
    parentHigh: number,
    service: number,
    flags: number,
    end: number,
    start: number,
    nanos: number,
  ): void {
    if (this.#count === runLength) this.flush();
    const at = this.#count * runWords;
    const run = this.#run;
    run[at] = low;
    run[at + 1] = high;
    run[at + 2] = parentLow;
    run[at + 3] = parentHigh;
    run[at + 4] = service;
    run[at + 5] = flags;
    run[at + 6] = end;
    this.#starts[this.#count] = start;
    this.#nanos[this.#count++] = nanos;
  }

  #settle(at: number, runEnd: number): void {
    const run = this.#run;
    if ((run[at + 5]! & isLink) === 0) {
      this.#parent.service = run[at + 4]!;
      this.#parent.end = run[at + 6]!;
      this.#waiting.take(run[at]!, run[at + 1]!, this.#taken);
    }
    const parentLow = run[at + 2]!;
    const parentHigh = run[at + 3]!;
    if (parentLow === 0 && parentHigh === 0) return;
    for (let other = 0; other < runEnd; other += runWords)
      if (run[other] === parentLow && run[other + 1] === parentHigh) {
        // The usual case: it is called inside its service, by what is no end of a call.
        if (run[other + 4] === run[at + 4] && run[other + 6] === 0) return;
        return this.#pair(run[other + 4]!, run[other + 6]!, this.#childAt(at));
      }
    const spans = this.#spans;
    if (spans.find(parentLow, parentHigh))
      this.#pair(spans.service, this.#ends.of(spans.end, parentLow, parentHigh), this.#childAt(at));
    else this.#waiting.add(parentLow, parentHigh, this.#childAt(at));
  }

  #childAt(at: number): Child {
    const run = this.#run;
    const child = this.#child;
    child.service = run[at + 4]!;
    child.flags = run[at + 5]!;
    child.end = run[at + 6]!;
    child.start = this.#starts[at / runWords]!;
    child.nanos = this.#nanos[at / runWords]!;
    return child;
  }
  readonly #child: Child = { service: 0, flags: 0, end: 0, start: 0, nanos: 0 };
  /** Whose children are taken from those that wait. */
  readonly #parent = { service: 0, end: 0 };
  readonly #taken = (child: Child): void => this.#pair(this.#parent.service, this.#parent.end, child);

  /** A parent (or what is linked to) of service `caller`, and its child. */
  #pair(caller: number, parent: number, child: Child): void {
    const ends = this.#ends;
    const end = ends.ofTimes(child.end, child.start, child.nanos);
    const role = end === 0 ? roles.none : ends.role(end);
    const outer = parent === 0 ? roles.none : ends.role(parent);
    const kind = (child.flags >> kindShift) & kindMask;
    const crosses = caller !== child.service;
    const enters = crosses || kind === server || kind === consumer;
    if (!crosses && (child.flags & isLink) === 0 && this.#encloses(parent, end)) this.#enclose(parent, end);
    else if (outer === roles.publish || outer === roles.weakPublish) {
      if (enters) this.#hop(parent, child, end);
    } else if (isConsume(role) && ends.node(end) !== 0 && !ends.has(end, inherited)) {
      const publish = (child.flags & isLink) === 0 ? edgeKinds.inferredPublish : edgeKinds.weakPublish;
      if (crosses) this.#edges.add(publish, child.start, caller, ends.node(end), false, untimed);
    } else {
      if (isClient(outer) && enters) this.#answer(parent, child);
      if (crosses)
        this.#edges.add(edgeKinds.call, child.start, caller, child.service, isFailed(child), child.nanos);
    }
  }

  /** A message from the producer `from`; `end` is the consumer's, 0 where the child is none. */
  #hop(from: number, child: Child, end: number): void {
    const ends = this.#ends;
    const edges = this.#edges;
    const topic = ends.node(from);
    const role = end === 0 ? roles.none : ends.role(end);
    const own = isConsume(role) ? ends.node(end) : 0;
    const lag = Math.max(0, child.start - ends.start(from) - ends.nanos(from));
    if (own !== 0 && !ends.has(end, inherited)) {
      if (own !== topic) {
        const passedOn = (child.flags & (hasLinks | isLink)) === hasLinks;
        if (passedOn) return;
        edges.add(edgeKinds.route, child.start, topic, own, false, lag);
      }
      edges.addLag(consumeKind(role), child.start, own, child.service, lag);
      return;
    }
    const kind = consumeKind(role);
    // Of a batch's many links to one topic the first counts.
    if (own !== topic) edges.add(kind, child.start, topic, child.service, isFailed(child), child.nanos);
    edges.addLag(kind, child.start, topic, child.service, lag);
    if (isConsume(role) && own === 0) {
      ends.setNode(end, topic);
      ends.set(end, inherited);
    }
  }

  /** Whether the inner end tells again what the outer one tells. */
  #encloses(outer: number, inner: number): boolean {
    if (outer === 0 || inner === 0) return false;
    const ends = this.#ends;
    const role = ends.role(outer);
    if (isClient(role)) return isClient(ends.role(inner));
    if (ends.has(outer, inherited) || ends.has(inner, inherited)) return false;
    return role === ends.role(inner) && ends.node(outer) === ends.node(inner) && ends.node(outer) !== 0;
  }

  #enclose(outer: number, inner: number): void {
    const ends = this.#ends;
    ends.setOuter(inner, outer);
    if (ends.has(inner, answered)) this.#answered(outer);
    if (ends.has(inner, counted) && this.#isInner(inner)) this.#uncount(inner);
  }

  #answer(parent: number, child: Child): void {
    const ends = this.#ends;
    const node = ends.node(parent);
    if (node !== 0 && ends.role(parent) === roles.client)
      this.#edges.addAlias(child.start, node, child.service);
    this.#answered(parent);
  }

  #answered(end: number): void {
    const ends = this.#ends;
    for (let depth = 0; end !== 0 && depth < 8; end = ends.outer(end), depth++) {
      ends.set(end, answered);
      if (ends.has(end, counted)) this.#uncount(end);
    }
  }

  /** Whether an end around it tells what this one does. */
  #isInner(end: number): boolean {
    const ends = this.#ends;
    for (let depth = 0; depth < 8; depth++) {
      end = ends.outer(end);
      if (end === 0) return false;
      if (ends.node(end) !== 0) return true;
    }
    return true;
  }

  /** What an end says by itself, with nobody at the other. */
  #countEnd(end: number): void {
    const ends = this.#ends;
    if (ends.node(end) === 0 || ends.has(end, answered | counted | inherited) || this.#isInner(end)) return;
    ends.set(end, counted);
    this.#addEnd(end, 1);
  }

  #uncount(end: number): void {
    this.#ends.unset(end, counted);
    this.#addEnd(end, -1);
  }

  #addEnd(end: number, times: 1 | -1): void {
    const ends = this.#ends;
    const role = ends.role(end);
    const [node, service] = [ends.node(end), ends.service(end)];
    const from = isConsume(role) ? node : service;
    const to = isConsume(role) ? service : node;
    this.#edges.add(kindOf[role]!, ends.start(end), from, to, ends.has(end, failed), ends.nanos(end), times);
  }
}

/** By role. */
const kindOf = [
  -1,
  edgeKinds.external,
  edgeKinds.database,
  edgeKinds.publish,
  edgeKinds.weakPublish,
  edgeKinds.consume,
  edgeKinds.weakConsume,
];

function markOf(traceLow: number, traceHigh: number): number {
  let hash = Math.imul(traceLow ^ (traceHigh >>> 13) ^ (traceHigh << 19), 0x9e3779b1);
  hash = Math.imul(hash ^ (hash >>> 15), 0x85ebca6b);
  return hash ^ (hash >>> 13);
}

function isFailed({ flags }: Child): boolean {
  return (flags & isError) !== 0;
}

function isConsume(role: number): boolean {
  return role === roles.consume || role === roles.weakConsume;
}

function isClient(role: number): boolean {
  return role === roles.client || role === roles.database;
}

/** A child of a producer that is no consumer by its kind consumes all the same. */
function consumeKind(role: number): number {
  return role === roles.weakConsume ? edgeKinds.weakConsume : edgeKinds.consume;
}
