import type { AttributeValue } from '@throughline/model';
import { Reader } from './reader.ts';

export type AttributeMap = Record<string, AttributeValue>;

/** Reads a KeyValue (its length comes next) into `attributes`. */
export function readAttribute(reader: Reader, attributes: AttributeMap): void {
  let key = '';
  let value: AttributeValue = null;
  const outer = reader.enter();
  for (let tag = reader.tag(); tag !== 0; tag = reader.tag()) {
    if (tag === 0x0a) key = reader.string();
    else if (tag === 0x12) value = readValue(reader);
    else reader.skip(tag);
  }
  reader.leave(outer);
  if (key !== '__proto__') attributes[key] = value;
  else
    Object.defineProperty(attributes, key, { value, enumerable: true, configurable: true, writable: true });
}

/** Reads an AnyValue (its length comes next); null if it is empty. The last field counts, as it is a oneof. */
export function readValue(reader: Reader): AttributeValue {
  const outer = reader.enter();
  const value = readValueFields(reader);
  reader.leave(outer);
  return value;
}

/** The value that the bytes of one checked AnyValue message mean. */
export function decodeValue(bytes: Uint8Array): AttributeValue {
  return readValueFields(new Reader(bytes));
}

function readValueFields(reader: Reader): AttributeValue {
  let value: AttributeValue = null;
  for (let tag = reader.tag(); tag !== 0; tag = reader.tag()) {
    switch (tag) {
      case 0x0a:
        value = reader.string();
        break;
      case 0x10:
        value = reader.uint64() !== 0n;
        break;
      case 0x18:
        value = reader.int64();
        break;
      case 0x21:
        value = reader.double();
        break;
      case 0x2a:
        value = readArray(reader);
        break;
      case 0x32:
        value = readMap(reader);
        break;
      case 0x3a:
        value = Uint8Array.from(reader.view());
        break;
      default:
        reader.skip(tag);
    }
  }
  return value;
}

function readArray(reader: Reader): AttributeValue[] {
  const values: AttributeValue[] = [];
  const outer = reader.enter();
  for (let tag = reader.tag(); tag !== 0; tag = reader.tag()) {
    if (tag === 0x0a) values.push(readValue(reader));
    else reader.skip(tag);
  }
  reader.leave(outer);
  return values;
}

function readMap(reader: Reader): AttributeMap {
  const values: AttributeMap = {};
  const outer = reader.enter();
  for (let tag = reader.tag(); tag !== 0; tag = reader.tag()) {
    if (tag === 0x0a) readAttribute(reader, values);
    else reader.skip(tag);
  }
  reader.leave(outer);
  return values;
}
