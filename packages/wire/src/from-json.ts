import { InvalidData } from '@throughline/model';
import { parseExactJson } from './exact-json.ts';
import {
  anyValue,
  type Field,
  logsData,
  maxValueDepth,
  type Message,
  tracesData,
  wireTypeOf,
} from './schema.ts';
import { Writer } from './writer.ts';

/**
 * OTLP/JSON of an ExportTraceServiceRequest as protobuf, not yet checked for valid ids. Keys are lowerCamelCase (the
 * names of the .proto file are taken too, as the Collector does), ids hex, 64-bit numbers strings or numbers, enums
 * numbers or names, bytes base64; null stands for absence and unknown keys are ignored. Anything else throws
 * InvalidData naming the place: `resourceSpans[0].scopeSpans[1].spans[2].startTimeUnixNano: expected …`.
 * Source: OTLP specification 1.x, "JSON Protobuf Encoding", and protobuf's JSON mapping.
 */
export function tracesFromJson(body: Uint8Array): Uint8Array {
  return fromJson(body, tracesData);
}

/** The same for an ExportLogsServiceRequest. */
export function logsFromJson(body: Uint8Array): Uint8Array {
  return fromJson(body, logsData);
}

/** Where in the JSON document we are, for errors. */
type Path = (string | number)[];

function fromJson(body: Uint8Array, message: Message): Uint8Array {
  const writer = new Writer(body.length);
  const path: Path = [];
  writeMessage(writer, parseExactJson(body), message, path, 0);
  return writer.finish();
}

interface JsonField {
  readonly field: Field;
  readonly tag: number;
}

const fieldsByKey = new Map<Message, ReadonlyMap<string, JsonField>>();

function fieldsOf(message: Message): ReadonlyMap<string, JsonField> {
  const known = fieldsByKey.get(message);
  if (known) return known;
  const fields = new Map<string, JsonField>();
  for (const field of message.fields) {
    const entry = { field, tag: (field.number << 3) | wireTypeOf(field.type) };
    fields.set(field.name, entry).set(field.jsonName, entry);
  }
  fieldsByKey.set(message, fields);
  return fields;
}

function writeMessage(writer: Writer, value: unknown, message: Message, path: Path, depth: number): void {
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw mismatch(path, 'an object', value);
  if (depth > maxValueDepth)
    throw new InvalidData(`${textOf(path)}: values are nested deeper than ${maxValueDepth}`);
  const fields = fieldsOf(message);
  for (const [key, inner] of Object.entries(value)) {
    const entry = fields.get(key);
    if (!entry || inner === null) continue;
    path.push(key);
    if (!entry.field.repeated) writeField(writer, inner, entry, path, depth);
    else {
      if (!Array.isArray(inner)) throw mismatch(path, 'an array', inner);
      for (const [i, element] of inner.entries()) {
        path.push(i);
        writeField(writer, element, entry, path, depth);
        path.pop();
      }
    }
    path.pop();
  }
}

function writeField(
  writer: Writer,
  value: unknown,
  { field, tag }: JsonField,
  path: Path,
  depth: number,
): void {
  const { type } = field;
  if (typeof type === 'object') {
    const start = writer.open(tag);
    writeMessage(writer, value, type, path, type === anyValue ? depth + 1 : depth);
    writer.close(start);
    return;
  }
  writer.varint(tag);
  switch (type) {
    case 'string':
      if (typeof value !== 'string') throw mismatch(path, 'a string', value);
      writer.string(value);
      return;
    case 'id':
      if (typeof value !== 'string' || !/^(?:[0-9a-fA-F]{2})*$/.test(value))
        throw mismatch(path, 'hex digits', value);
      writer.hex(value);
      return;
    case 'bytes':
      if (typeof value !== 'string' || !/^[A-Za-z0-9+/_-]*={0,2}$/.test(value))
        throw mismatch(path, 'base64', value);
      writer.bytes(Buffer.from(value, 'base64'));
      return;
    case 'bool':
      if (typeof value !== 'boolean') throw mismatch(path, 'true or false', value);
      writer.varint(value ? 1 : 0);
      return;
    case 'double':
      writer.double(double(value, path));
      return;
    case 'int64':
      writer.varint64(integer(value, path, -(2n ** 63n), 2n ** 63n - 1n));
      return;
    case 'fixed64':
      writer.fixed64(integer(value, path, 0n, 2n ** 64n - 1n));
      return;
    case 'uint32':
      writer.varint64(integer(value, path, 0n, 2n ** 32n - 1n));
      return;
    case 'fixed32':
      writer.fixed32(Number(integer(value, path, 0n, 2n ** 32n - 1n)));
      return;
    case 'enum':
      writer.varint64(enumNumber(value, field.names!, path));
  }
}

function integer(value: unknown, path: Path, min: bigint, max: bigint): bigint {
  const whole = Number.isSafeInteger(value) || (typeof value === 'string' && /^-?\d{1,20}$/.test(value));
  if (!whole) throw mismatch(path, 'a whole number', value);
  const number = BigInt(value as number | string);
  if (number < min || number > max) throw mismatch(path, `a number from ${min} to ${max}`, value);
  return number;
}

function double(value: unknown, path: Path): number {
  if (typeof value === 'number') return value;
  if (typeof value === 'string' && /^(NaN|-?Infinity|-?\d+(\.\d+)?([eE][-+]?\d+)?)$/.test(value))
    return Number(value);
  throw mismatch(path, 'a number', value);
}

function enumNumber(value: unknown, names: readonly string[], path: Path): bigint {
  if (typeof value === 'number') return integer(value, path, -(2n ** 31n), 2n ** 31n - 1n);
  const number = typeof value === 'string' ? names.indexOf(value) : -1;
  if (number < 0) throw mismatch(path, `a number or one of ${names.join(', ')}`, value);
  return BigInt(number);
}

function mismatch(path: Path, expected: string, value: unknown): InvalidData {
  const text = JSON.stringify(value);
  const got = text.length > 60 ? `${text.slice(0, 60)}…` : text;
  return new InvalidData(`${textOf(path)}: expected ${expected}, got ${got}`);
}

function textOf(path: Path): string {
  if (path.length === 0) return 'document';
  return path
    .map((step, i) => (typeof step === 'number' ? `[${step}]` : i === 0 ? step : `.${step}`))
    .join('');
}
