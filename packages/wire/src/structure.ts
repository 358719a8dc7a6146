import { anyValue, maxValueDepth, type Message, wireTypeOf } from './schema.ts';

/** What a structural function answers instead of a position when the bytes are malformed; protobuf ends before it. */
export const malformed = 0x7fff_ffff;

// What to do after a tag (field number << 3 | wire type, below 256): skip a value of some shape, or descend into the
// message with the number (action - message0).
const wrong = 0;
const varint = 1;
const fixed64 = 2;
const bytes = 3;
const fixed32 = 4;
const message0 = 5;

/** What to do with an unknown field, by its wire type. */
const skips = new Uint8Array([varint, fixed64, bytes, wrong, wrong, fixed32, wrong, wrong]);
/** The actions by tag of each message type; the number of a message type is its place here. */
const plans: Uint8Array[] = [];
const numbers = new Map<Message, number>();
const valueNumber = planOf(anyValue);

/** The number of `message`, to be given to `walk` and `afterField`. */
export function planOf(message: Message): number {
  const known = numbers.get(message);
  if (known !== undefined) return known;
  const number = plans.length;
  numbers.set(message, number);
  const plan = new Uint8Array(256);
  plans.push(plan);
  for (let tag = 8; tag < 256; tag++) plan[tag] = skips[tag & 7]!;
  for (const field of message.fields) {
    for (let wire = 0; wire < 8; wire++) plan[(field.number << 3) | wire] = wrong;
    const wire = wireTypeOf(field.type);
    plan[(field.number << 3) | wire] =
      typeof field.type === 'object' ? message0 + planOf(field.type) : skips[wire]!;
  }
  return number;
}

/** Checks the message in [start, end) with all that it contains: returns `end`, or `malformed`. Hot: check.bench.ts. */
export function walk(b: Uint8Array, start: number, end: number, plan: number, depth: number): number {
  let pos = start;
  while (pos < end) pos = afterField(b, pos, end, plan, depth);
  return pos === end ? end : malformed;
}

/**
 * Checks the field at `pos` of a message of type `plan` that ends at `end`: returns where the next field starts (which
 * may be behind `end`: the caller compares), or `malformed`. `depth` is how many values enclose it.
 */
export function afterField(b: Uint8Array, pos: number, end: number, plan: number, depth: number): number {
  let tag = b[pos]!;
  let at = pos + 1;
  if (tag >= 0x80) {
    at = afterVarint(b, pos, end);
    tag = longTag(b, pos, at);
  }
  switch (tag < 256 ? plans[plan]![tag]! : skips[tag & 7]!) {
    case wrong:
      return malformed;
    case varint:
      return afterVarint(b, at, end);
    case fixed64:
      return at + 8;
    case bytes:
      return afterBytes(b, at, end);
    case fixed32:
      return at + 4;
    default:
      return afterMessage(b, at, end, plans[plan]![tag]! - message0, depth);
  }
}

function afterMessage(b: Uint8Array, pos: number, end: number, plan: number, depth: number): number {
  const stop = afterBytes(b, pos, end);
  if (stop === malformed) return malformed;
  if (plan === valueNumber && depth === maxValueDepth) return malformed;
  return walk(b, afterVarint(b, pos, end), stop, plan, plan === valueNumber ? depth + 1 : depth);
}

/** Where the varint at `pos` ends, or `malformed`: past the end, or above 64 bits. */
export function afterVarint(b: Uint8Array, pos: number, end: number): number {
  if (pos < end && b[pos]! < 0x80) return pos + 1;
  const limit = Math.min(end, pos + 9);
  for (let at = pos; at < limit; at++) if (b[at]! < 0x80) return at + 1;
  return limit === pos + 9 && limit < end && b[limit]! < 2 ? limit + 1 : malformed;
}

/** Where the length-delimited value at `pos` (its length first) ends, or `malformed`. Never behind `end`. */
export function afterBytes(b: Uint8Array, pos: number, end: number): number {
  const start = afterVarint(b, pos, end);
  if (start === malformed) return malformed;
  let length = 0;
  for (let at = start - 1; at >= pos; at--) length = length * 128 + (b[at]! & 0x7f);
  return length > end - start ? malformed : start + length;
}

/** A tag of two bytes or more; 0, which no field has, for one that is too large or longer than it needs to be. */
function longTag(b: Uint8Array, pos: number, after: number): number {
  if (after === malformed || b[after - 1] === 0) return 0;
  let tag = 0;
  for (let at = after - 1; at >= pos; at--) tag = tag * 128 + (b[at]! & 0x7f);
  return tag > 0xffff_ffff ? 0 : tag;
}
