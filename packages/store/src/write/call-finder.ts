import type { EdgeRollup } from './rollups.ts';

const slots = 1 << 17;
const mask = slots - 1;
const full = slots * 0.6;

/** Spans by id, in two generations: when one is full, the older is forgotten. */
class Generation {
  readonly low = new Uint32Array(slots);
  readonly high = new Uint32Array(slots);
  /** 0: the slot is free. */
  readonly service = new Uint16Array(slots);
  size = 0;
}

/** What a child is that waits for its parent. */
interface Waiting {
  readonly service: number;
  readonly minute: number;
  readonly error: boolean;
  readonly nanos: number;
}

/**
 * Finds calls between services while spans stream by: a span whose parent belongs to another service is a call. Parents
 * and children arrive in any order and in different requests, so spans are remembered for a while, and children wait
 * for a while; what is farther apart than about 150,000 spans is not found. That costs the service map a little and
 * the traces nothing.
 */
export class CallFinder {
  #young = new Generation();
  #old = new Generation();
  #waiting = new Map<number, Waiting[]>();
  #waitingBefore = new Map<number, Waiting[]>();
  #waitingCount = 0;
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
    if (this.#waitingCount > 0) this.#answer(low, high, service);
    if (parentLow === 0 && parentHigh === 0) return;
    const caller = find(this.#young, parentLow, parentHigh) || find(this.#old, parentLow, parentHigh);
    if (caller === 0) this.#wait(parentLow, parentHigh, { service, minute, error, nanos });
    else if (caller !== service) this.#edges.add(minute, caller, service, error, nanos);
  }

  #remember(low: number, high: number, service: number): void {
    if (this.#young.size > full) {
      const recycled = this.#old;
      this.#old = this.#young;
      recycled.service.fill(0);
      recycled.size = 0;
      this.#young = recycled;
      this.#waitingBefore = this.#waiting;
      this.#waiting = new Map();
      this.#waitingCount = this.#waitingBefore.size;
    }
    const { low: lows, high: highs, service: services } = this.#young;
    let slot = (low ^ high) & mask;
    while (services[slot] !== 0) slot = (slot + 1) & mask;
    lows[slot] = low;
    highs[slot] = high;
    services[slot] = service;
    this.#young.size++;
  }

  #wait(low: number, high: number, child: Waiting): void {
    const key = keyOf(low, high);
    const others = this.#waiting.get(key);
    if (others) others.push(child);
    else {
      this.#waiting.set(key, [child]);
      this.#waitingCount++;
    }
  }

  #answer(low: number, high: number, service: number): void {
    const key = keyOf(low, high);
    for (const waiting of [this.#waiting, this.#waitingBefore]) {
      const children = waiting.get(key);
      if (!children) continue;
      for (const child of children)
        if (child.service !== service)
          this.#edges.add(child.minute, service, child.service, child.error, child.nanos);
      waiting.delete(key);
      this.#waitingCount--;
    }
  }
}

function find(generation: Generation, low: number, high: number): number {
  const { low: lows, high: highs, service } = generation;
  let slot = (low ^ high) & mask;
  for (; service[slot] !== 0; slot = (slot + 1) & mask)
    if (lows[slot] === low && highs[slot] === high) return service[slot]!;
  return 0;
}

/** 53 bits of a random 64-bit id: enough to tell the waiting apart. */
function keyOf(low: number, high: number): number {
  return (high & 0x1f_ffff) * 0x1_0000_0000 + low;
}
