import { checkStructure } from './check-structure.ts';
import { Reader } from './reader.ts';
import { anyValue, type FieldType, logsData, type Message, tracesData, wireTypeOf } from './schema.ts';

/**
 * TracesData as OTLP/JSON, exactly: 64-bit numbers are strings, ids hex, enums numbers, bytes base64. Fields that OTLP
 * does not know yet are left out. Throws InvalidData if the bytes are malformed.
 */
export function tracesToJson(bytes: Uint8Array): string {
  return toJson(bytes, tracesData);
}

/** The same for LogsData. */
export function logsToJson(bytes: Uint8Array): string {
  return toJson(bytes, logsData);
}

function toJson(bytes: Uint8Array, message: Message): string {
  checkStructure(bytes, message);
  return messageToJson(new Reader(bytes), jsonMessageOf(message));
}

/** A message type, ready for looking fields up by tag. */
interface JsonMessage {
  /** By tag; holes are unknown fields. */
  readonly fields: JsonField[];
  readonly isOneof: boolean;
}

interface JsonField {
  readonly type: FieldType;
  readonly repeated: boolean;
  readonly key: string;
  readonly message: JsonMessage | undefined;
}

const jsonMessages = new Map<Message, JsonMessage>();

function jsonMessageOf(message: Message): JsonMessage {
  const known = jsonMessages.get(message);
  if (known) return known;
  const jsonMessage: JsonMessage = { fields: [], isOneof: message === anyValue };
  jsonMessages.set(message, jsonMessage);
  for (const { number, jsonName, type, repeated } of message.fields) {
    const key = `"${jsonName}":`;
    const inner = typeof type === 'object' ? jsonMessageOf(type) : undefined;
    jsonMessage.fields[(number << 3) | wireTypeOf(type)] = { type, repeated, key, message: inner };
  }
  return jsonMessage;
}

/** Hot: runs for every message (decode.bench.ts). */
function messageToJson(reader: Reader, message: JsonMessage): string {
  const fields: JsonField[] = [];
  const values: string[] = [];
  for (let tag = reader.tag(); tag !== 0; tag = reader.tag()) {
    const field = message.fields[tag];
    if (!field) {
      reader.skip(tag);
      continue;
    }
    const value = valueToJson(reader, field);
    const known = message.isOneof && fields.length > 0 ? 0 : fields.lastIndexOf(field);
    if (known < 0) {
      fields.push(field);
      values.push(value);
    } else if (field.repeated) values[known] += `,${value}`;
    else {
      fields[known] = field; // of a oneof, and of a field that occurs twice, the last one counts
      values[known] = value;
    }
  }
  return objectOf(fields, values);
}

function objectOf(fields: readonly JsonField[], values: readonly string[]): string {
  let members = '';
  for (let i = 0; i < fields.length; i++) {
    const { key, repeated } = fields[i]!;
    members += `${i === 0 ? '' : ','}${key}${repeated ? `[${values[i]}]` : values[i]}`;
  }
  return `{${members}}`;
}

function valueToJson(reader: Reader, { type, message }: JsonField): string {
  if (message) {
    const outer = reader.enter();
    const text = messageToJson(reader, message);
    reader.leave(outer);
    return text;
  }
  switch (type) {
    case 'string':
      return JSON.stringify(reader.string());
    case 'id':
      return `"${reader.hex()}"`;
    case 'bytes':
      return `"${reader.view().toString('base64')}"`;
    case 'bool':
      return reader.uint64() === 0n ? 'false' : 'true';
    case 'int64':
      return `"${reader.int64()}"`;
    case 'fixed64':
      return `"${reader.fixed64()}"`;
    case 'uint32':
      return String(reader.uint32());
    case 'fixed32':
      return String(reader.fixed32());
    case 'enum':
      return String(reader.int32());
    case 'double':
      return doubleToJson(reader.double());
    default:
      throw new TypeError(`${type.name} is a message`);
  }
}

function doubleToJson(value: number): string {
  if (!Number.isFinite(value)) return `"${value}"`;
  return Object.is(value, -0) ? '-0' : String(value);
}
