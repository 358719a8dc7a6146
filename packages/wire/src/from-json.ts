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

/** The same for a document that is parsed already, with its long whole numbers as texts. */
export function fromParsedJson(value: unknown, message: Message, capacity = 4_096): Uint8Array {
  const writer = new Writer(capacity);
  try {
    writeMessage(writer, value, jsonMessageOf(message), 0);
  } catch (error) {
    if (error instanceof Mismatch) throw new InvalidData(`${error.path || 'document'}: ${error.message}`);
    throw error;
  }
  return writer.finish();
}

function fromJson(body: Uint8Array, message: Message): Uint8Array {
  return fromParsedJson(parseExactJson(body), message, body.length);
}

/** What is wrong; `path` grows from the inside to the outside while the error passes the messages around it. */
class Mismatch extends Error {
  path = '';
}

/** A message type, ready for looking fields up by key. */
interface JsonMessage {
  readonly fields: Map<string, JsonField>;
  readonly isValue: boolean;
}

interface JsonField {
  readonly field: Field;
  readonly tag: number;
  readonly message: JsonMessage | undefined;
}

const jsonMessages = new Map<Message, JsonMessage>();

function jsonMessageOf(message: Message): JsonMessage {
  const known = jsonMessages.get(message);
  if (known) return known;
  const jsonMessage = { fields: new Map<string, JsonField>(), isValue: message === anyValue };
  jsonMessages.set(message, jsonMessage);
  for (const field of message.fields) {
    const { type } = field;
    const tag = (field.number << 3) | wireTypeOf(type);
    const jsonField = { field, tag, message: typeof type === 'object' ? jsonMessageOf(type) : undefined };
    jsonMessage.fields.set(field.name, jsonField).set(field.jsonName, jsonField);
  }
  return jsonMessage;
}

/** Hot: runs for every object received as JSON (decode.bench.ts). */
function writeMessage(writer: Writer, value: unknown, message: JsonMessage, depth: number): void {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw mismatch('an object', value);
  if (depth > maxValueDepth) throw new Mismatch(`values are nested deeper than ${maxValueDepth}`);
  const members = value as Record<string, unknown>;
  let place = '';
  let index = -1;
  try {
    for (const key in members) {
      const jsonField = message.fields.get(key);
      const member = members[key];
      if (!jsonField || member === null) continue;
      place = key;
      if (!jsonField.field.repeated) {
        writeField(writer, member, jsonField, depth);
        continue;
      }
      if (!Array.isArray(member)) throw mismatch('an array', member);
      for (index = 0; index < member.length; index++) writeField(writer, member[index], jsonField, depth);
      index = -1;
    }
  } catch (error) {
    if (error instanceof Mismatch)
      error.path = `${place}${index < 0 ? '' : `[${index}]`}${error.path && '.'}${error.path}`;
    throw error;
  }
}

function writeField(writer: Writer, value: unknown, { field, tag, message }: JsonField, depth: number): void {
  if (message) {
    const start = writer.open(tag);
    writeMessage(writer, value, message, message.isValue ? depth + 1 : depth);
    writer.close(start);
    return;
  }
  writer.varint(tag);
  switch (field.type) {
    case 'string':
      if (typeof value !== 'string') throw mismatch('a string', value);
      writer.string(value);
      return;
    case 'id':
      if (typeof value !== 'string' || !/^[0-9a-fA-F]*$/.test(value)) throw mismatch('hex digits', value);
      // An odd number of digits is a wrong length, which costs that span alone: it stays one as bytes of another kind.
      if (value.length % 2 === 0) writer.hex(value);
      else writer.string(value);
      return;
    case 'bytes':
      if (typeof value !== 'string' || !/^[A-Za-z0-9+/_-]*={0,2}$/.test(value))
        throw mismatch('base64', value);
      writer.bytes(Buffer.from(value, 'base64'));
      return;
    case 'bool':
      if (typeof value !== 'boolean') throw mismatch('true or false', value);
      writer.varint(value ? 1 : 0);
      return;
    case 'double':
      writer.double(double(value));
      return;
    case 'int64':
      writer.varint64(integer(value, -(2n ** 63n), 2n ** 63n - 1n));
      return;
    case 'fixed64':
      writer.fixed64(integer(value, 0n, 2n ** 64n - 1n));
      return;
    case 'uint32':
      writer.varint64(integer(value, 0n, 2n ** 32n - 1n));
      return;
    case 'fixed32':
      writer.fixed32(Number(integer(value, 0n, 2n ** 32n - 1n)));
      return;
    case 'enum':
      writer.varint64(enumNumber(value, field.names!));
      return;
    default:
      throw new TypeError(`${field.type.name} is a message`);
  }
}

function integer(value: unknown, min: bigint, max: bigint): bigint {
  const whole = Number.isInteger(value) || (typeof value === 'string' && /^-?\d{1,20}$/.test(value));
  if (!whole) throw mismatch('a whole number', value);
  const number = BigInt(value as number | string);
  if (number < min || number > max) throw mismatch(`a number from ${min} to ${max}`, value);
  return number;
}

function double(value: unknown): number {
  if (typeof value === 'number') return value;
  if (typeof value === 'string' && /^(NaN|-?Infinity|-?\d+(\.\d+)?([eE][-+]?\d+)?)$/.test(value))
    return Number(value);
  throw mismatch('a number', value);
}

function enumNumber(value: unknown, names: readonly string[]): bigint {
  if (typeof value === 'number') return integer(value, -(2n ** 31n), 2n ** 31n - 1n);
  const number = typeof value === 'string' ? names.indexOf(value) : -1;
  if (number < 0) throw mismatch(`a number or one of ${names.join(', ')}`, value);
  return BigInt(number);
}

function mismatch(expected: string, value: unknown): Mismatch {
  return new Mismatch(`expected ${expected}, got ${describe(value)}`);
}

function describe(value: unknown): string {
  if (typeof value === 'string') return JSON.stringify(value.length > 60 ? `${value.slice(0, 60)}…` : value);
  if (Array.isArray(value)) return 'an array';
  return typeof value === 'object' && value !== null ? 'an object' : String(value);
}
