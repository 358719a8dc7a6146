import { InvalidData } from '@throughline/model';
import { anyValue, type Field, maxValueDepth, type Message, wireTypeOf } from './schema.ts';

/**
 * Why `bytes` is not a `message`, with the path and the byte: `resource_spans[3].scope_spans[0].spans[17].name: length
 * 900 runs past the end (byte 10233)`; undefined when it is one. Slow: meant for messages known to be wrong, and as the
 * plain-spoken twin that the fast check is compared with.
 */
export function explain(bytes: Uint8Array, message: Message): InvalidData | undefined {
  try {
    explainMessage({ bytes, pos: 0, end: bytes.length, path: '', depth: 0 }, message);
    return undefined;
  } catch (error) {
    if (error instanceof InvalidData) return error;
    throw error;
  }
}

interface Place {
  readonly bytes: Uint8Array;
  pos: number;
  readonly end: number;
  readonly path: string;
  /** How many values enclose it. */
  readonly depth: number;
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
  const counts = new Map<Field, number>();
  while (place.pos < place.end) {
    const at = place.pos;
    const tag = readVarint(place, place.path);
    if (tag < 8n || tag > 0xffff_ffffn) fail(place.path, `${tag} is not a field`, at);
    if (place.pos > at + 1 && place.bytes[place.pos - 1] === 0)
      fail(place.path, 'tag is longer than it needs to be', at);
    const wireType = Number(tag & 7n);
    const field = message.fields.find(({ number }) => BigInt(number) === tag >> 3n);
    const path = pathOf(place.path, field, tag >> 3n, counts);
    if (field && wireType !== wireTypeOf(field.type))
      fail(path, `is ${wireTypeNames[wireType]}, not ${wireTypeNames[wireTypeOf(field.type)]}`, at);
    explainValue(place, at, path, wireType, typeof field?.type === 'object' ? field.type : undefined);
  }
}

function explainValue(
  place: Place,
  tagAt: number,
  path: string,
  wireType: number,
  message: Message | undefined,
): void {
  const at = place.pos;
  switch (wireType) {
    case 0:
      readVarint(place, path);
      return;
    case 1:
      skip(place, path, 8n, '8 bytes run');
      return;
    case 5:
      skip(place, path, 4n, '4 bytes run');
      return;
    case 2: {
      const length = readVarint(place, path);
      const pos = place.pos;
      skip(place, path, length, `length ${length} runs`, at);
      const depth = place.depth + (message === anyValue ? 1 : 0);
      if (depth > maxValueDepth) fail(path, `values are nested deeper than ${maxValueDepth}`, at);
      if (message) explainMessage({ bytes: place.bytes, pos, end: place.pos, path, depth }, message);
      return;
    }
    default:
      fail(path, `wire type ${wireTypeNames[wireType]} is not supported`, tagAt);
  }
}

function readVarint(place: Place, path: string): bigint {
  const start = place.pos;
  let value = 0n;
  for (let shift = 0n; place.pos < place.end; shift += 7n) {
    const byte = BigInt(place.bytes[place.pos++]!);
    value |= (byte & 0x7fn) << shift;
    if (value >= 1n << 64n || shift > 63n) fail(path, 'varint is longer than 64 bits', start);
    if (byte < 0x80n) return value;
  }
  return fail(path, 'varint runs past the end', start);
}

function skip(place: Place, path: string, length: bigint, what: string, at = place.pos): void {
  if (length > BigInt(place.end - place.pos)) fail(path, `${what} past the end`, at);
  place.pos += Number(length);
}

function pathOf(
  parent: string,
  field: Field | undefined,
  number: bigint,
  counts: Map<Field, number>,
): string {
  const prefix = parent === '' ? '' : `${parent}.`;
  if (!field) return `${prefix}field ${number}`;
  if (!field.repeated) return prefix + field.name;
  const index = counts.get(field) ?? 0;
  counts.set(field, index + 1);
  return `${prefix}${field.name}[${index}]`;
}

function fail(path: string, what: string, at: number): never {
  throw new InvalidData(`${path === '' ? 'message' : path}: ${what} (byte ${at})`);
}
