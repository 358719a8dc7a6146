import { checkStructure } from './check-structure.ts';
import { Reader } from './reader.ts';
import {
  anyValue,
  type Field,
  type FieldType,
  logsData,
  type Message,
  tracesData,
  wireTypeOf,
} from './schema.ts';

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
  return messageToJson(new Reader(bytes), message);
}

const fieldsByTag = new Map<Message, ReadonlyMap<number, Field>>();

function fieldsOf(message: Message): ReadonlyMap<number, Field> {
  const known = fieldsByTag.get(message);
  if (known) return known;
  const fields = new Map(
    message.fields.map((field) => [(field.number << 3) | wireTypeOf(field.type), field] as const),
  );
  fieldsByTag.set(message, fields);
  return fields;
}

function messageToJson(reader: Reader, message: Message): string {
  const fields = fieldsOf(message);
  const values = new Map<Field, string>();
  for (let tag = reader.tag(); tag !== 0; tag = reader.tag()) {
    const field = fields.get(tag);
    if (!field) {
      reader.skip(tag);
      continue;
    }
    if (message === anyValue) values.clear(); // of a oneof, the last one counts
    const value = valueToJson(reader, field.type);
    const before = field.repeated ? values.get(field) : undefined;
    values.set(field, before === undefined ? value : `${before},${value}`);
  }
  const members = Array.from(values, ([{ jsonName, repeated }, value]) =>
    repeated ? `"${jsonName}":[${value}]` : `"${jsonName}":${value}`,
  );
  return `{${members.join(',')}}`;
}

function valueToJson(reader: Reader, type: FieldType): string {
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
    default: {
      const outer = reader.enter();
      const text = messageToJson(reader, type);
      reader.leave(outer);
      return text;
    }
  }
}

function doubleToJson(value: number): string {
  if (!Number.isFinite(value)) return `"${value}"`;
  return Object.is(value, -0) ? '-0' : String(value);
}
