import { InvalidData } from '@throughline/model';
import { Reader } from './reader.ts';
import { anyValue, type Field, type FieldType, maxValueDepth, type Message, wireTypeOf } from './schema.ts';

/**
 * Why `bytes` is not a `message`, with the path and the byte: `resource_spans[3].scope_spans[0].spans[17].name: length
 * 900 runs past the end (byte 10233)`; undefined when it is one. Slow: meant for messages known to be wrong, and as the
 * plain-spoken twin that the fast check is compared with.
 */
export function explain(bytes: Uint8Array, message: Message): InvalidData | undefined {
  try {
    explainMessage(placeIn(bytes, 0, bytes.length, undefined), message);
    return undefined;
  } catch (error) {
    if (error instanceof InvalidData) return error;
    throw error;
  }
}

/** A message on the way to what is wrong. */
interface Place {
  readonly bytes: Uint8Array;
  readonly start: number;
  readonly end: number;
  readonly parent: Place | undefined;
  /** How many values enclose it. */
  depth: number;
  pos: number;
  /** Where the field that is being read starts, its number (0 before its tag is read), and what it is if it is known. */
  fieldAt: number;
  number: number;
  field: Field | undefined;
}

function placeIn(bytes: Uint8Array, start: number, end: number, parent: Place | undefined): Place {
  const depth = parent?.depth ?? 0;
  return { bytes, start, end, parent, depth, pos: start, fieldAt: start, number: 0, field: undefined };
}

const wireTypeNames = [
  'varint',
  'fixed64',
  'length-delimited',
  'start of group',
  'end of group',
  'fixed32',
  '6',
  '7',
];

function explainMessage(place: Place, message: Message): void {
  while (place.pos < place.end) {
    const wireType = readTag(place, message);
    const expected = place.field ? wireTypeOf(place.field.type) : wireType;
    if (wireType !== expected)
      fail(place, `is ${wireTypeNames[wireType]}, not ${wireTypeNames[expected]}`, place.fieldAt);
    explainValue(place, wireType, place.field?.type);
  }
}

/** Makes the next field the current one, and returns its wire type. */
function readTag(place: Place, message: Message): number {
  const at = place.pos;
  place.fieldAt = at;
  place.number = 0;
  place.field = undefined;
  const tag = readVarint(place);
  if (tag < 8 || tag > 0xffff_ffff) fail(place, `${tag} is not a field`, at);
  if (place.pos > at + 1 && place.bytes[place.pos - 1] === 0)
    fail(place, 'tag is longer than it needs to be', at);
  place.number = Math.floor(tag / 8);
  for (const field of message.fields) if (field.number === place.number) place.field = field;
  return tag % 8;
}

function explainValue(place: Place, wireType: number, type: FieldType | undefined): void {
  const at = place.pos;
  switch (wireType) {
    case 0:
      readVarint(place);
      return;
    case 1:
      skip(place, 8, '8 bytes run', at);
      return;
    case 5:
      skip(place, 4, '4 bytes run', at);
      return;
    case 2: {
      const length = readVarint(place);
      skip(place, length, `length ${length} runs`, at);
      if (typeof type !== 'object') return;
      const inner = placeIn(place.bytes, place.pos - length, place.pos, place);
      if (type === anyValue && ++inner.depth > maxValueDepth)
        fail(place, `values are nested deeper than ${maxValueDepth}`, at);
      explainMessage(inner, type);
      return;
    }
    default:
      fail(place, `wire type ${wireTypeNames[wireType]} is not supported`, place.fieldAt);
  }
}

/** Above 2^53 the lowest bits are lost. */
function readVarint(place: Place): number {
  const start = place.pos;
  let value = 0;
  for (let i = 0; place.pos < place.end; i++) {
    const byte = place.bytes[place.pos++]!;
    if (i === 9 && byte > 1) fail(place, 'varint is longer than 64 bits', start);
    value += (byte & 0x7f) * 2 ** (7 * i);
    if (byte < 0x80) return value;
  }
  return fail(place, 'varint runs past the end', start);
}

function skip(place: Place, length: number, what: string, at: number): void {
  if (length > place.end - place.pos) fail(place, `${what} past the end`, at);
  place.pos += length;
}

function fail(place: Place, what: string, at: number): never {
  throw new InvalidData(`${pathOf(place) || 'message'}: ${what} (byte ${at})`);
}

/** The path to the current field of `place`. */
function pathOf(place: Place): string {
  const parent = place.parent ? pathOf(place.parent) : '';
  if (place.number === 0) return parent;
  const name = place.field?.name ?? `field ${place.number}`;
  const index = place.field?.repeated ? `[${countBefore(place)}]` : '';
  return `${parent}${parent && '.'}${name}${index}`;
}

/** How often the current field occurs before where it is now. */
function countBefore({ bytes, start, fieldAt, number }: Place): number {
  let count = 0;
  const reader = new Reader(bytes, start, fieldAt);
  for (let tag = reader.tag(); tag !== 0; tag = reader.tag()) {
    if (tag >>> 3 === number) count++;
    reader.skip(tag);
  }
  return count;
}
