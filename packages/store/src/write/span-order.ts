import { slotNanos } from '../slots.ts';
import { skipField } from './attributes.ts';
import { cursor, uint32, varint } from './fields.ts';

/**
 * Where the spans of a block lie in the received bytes, and in which order they become rows: that of the table (slot,
 * trace id), so that ClickHouse finds them sorted and saves itself half the work of an insert. Spans of one trace keep the
 * order in which they came.
 */
export class SpanOrder {
  count = 0;
  readonly #batches: Uint8Array[] = [];
  #batch = new Uint32Array(1024);
  #start = new Uint32Array(1024);
  #end = new Uint32Array(1024);
  #group = new Uint32Array(1024);
  #slot = new Uint32Array(1024);
  /** The first four bytes of the trace id, as a number that compares like them. */
  #trace = new Uint32Array(1024);
  /** Bytes of all batches held. */
  bytes = 0;

  /** What follows in `add` lies in these bytes, which are kept until `clear`. */
  open(batch: Uint8Array): void {
    this.#batches.push(batch);
    this.bytes += batch.length;
  }

  /** Hot: adds the span `bytes[start..end)` of the batch opened last; `group` is handed back with it. */
  add(bytes: Uint8Array, start: number, end: number, group: number): void {
    const n = this.count++;
    if (n === this.#batch.length) this.#grow();
    let trace = 0;
    let slot = 0;
    for (let pos = start; pos < end;) {
      const tag = bytes[pos]!;
      if (tag === 0x39) {
        const high = uint32(bytes, pos + 5) & 0x7fff_ffff;
        slot = Math.floor((high * 0x1_0000_0000 + uint32(bytes, pos + 1)) / slotNanos);
        pos += 9;
      } else if (tag === 0x0a) {
        const at = pos + 2;
        trace = ((bytes[at]! << 24) | (bytes[at + 1]! << 16) | (bytes[at + 2]! << 8) | bytes[at + 3]!) >>> 0;
        pos = skipField(bytes, pos);
      } else if (tag === 0x4a || tag === 0x2a || tag === 0x12 || tag === 0x22) {
        const length = bytes[pos + 1]!;
        if (length < 0x80) pos += 2 + length;
        else {
          const long = varint(bytes, pos + 1);
          pos = cursor.pos + long;
        }
      } else pos = skipField(bytes, pos);
    }
    this.#batch[n] = this.#batches.length - 1;
    this.#start[n] = start;
    this.#end[n] = end;
    this.#group[n] = group;
    this.#slot[n] = slot;
    this.#trace[n] = trace;
  }

  /** Hands every span over, in order. */
  each(visit: (bytes: Uint8Array, start: number, end: number, group: number) => void): void {
    for (const n of this.#sorted())
      visit(this.#batches[this.#batch[n]!]!, this.#start[n]!, this.#end[n]!, this.#group[n]!);
  }

  clear(): void {
    this.count = 0;
    this.bytes = 0;
    this.#batches.length = 0;
  }

  /**
   * The numbers of the spans in order. Sorted as doubles that hold, from the top, the rank of the slot, the beginning of
   * the trace id, and the span's number: a native sort without a comparison function. What does not fit into 53 bits is
   * cut off the trace id, and then two traces may mix: ClickHouse sorts such a block itself.
   */
  #sorted(): Uint32Array {
    const { count } = this;
    const slots = [...new Set(this.#slot.subarray(0, count))].sort((a, b) => a - b);
    const ranks = new Map(slots.map((slot, rank) => [slot, rank]));
    const numberScale = 2 ** Math.ceil(Math.log2(Math.max(2, count)));
    const traceBits = Math.min(32, 53 - Math.log2(numberScale) - Math.ceil(Math.log2(slots.length)));
    const traceScale = 2 ** traceBits;
    const keys = new Float64Array(count);
    let lastSlot = -1;
    let rank = 0;
    for (let n = 0; n < count; n++) {
      if (this.#slot[n] !== lastSlot) {
        lastSlot = this.#slot[n]!;
        rank = ranks.get(lastSlot)!;
      }
      keys[n] = (rank * traceScale + (this.#trace[n]! >>> (32 - traceBits))) * numberScale + n;
    }
    keys.sort();
    const order = new Uint32Array(count);
    for (let n = 0; n < count; n++) order[n] = keys[n]! % numberScale;
    return order;
  }

  #grow(): void {
    this.#batch = doubled(this.#batch);
    this.#start = doubled(this.#start);
    this.#end = doubled(this.#end);
    this.#group = doubled(this.#group);
    this.#slot = doubled(this.#slot);
    this.#trace = doubled(this.#trace);
  }
}

function doubled(array: Uint32Array): Uint32Array<ArrayBuffer> {
  const larger = new Uint32Array(array.length * 2);
  larger.set(array);
  return larger;
}
