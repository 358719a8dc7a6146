// OTLP/JSON is what protobuf's JSON mapping makes of a request, but for ids, which are hex. Fields are those of
// opentelemetry-proto's trace.proto, common.proto and resource.proto; `[]` is a list.

type Kind = 'hex' | 'base64' | 'text' | 'number' | 'bool' | 'int64' | 'fixed64' | 'fixed32' | 'double';
type Field = readonly [name: string, type: Kind | Message, list?: '[]'];
interface Message {
  readonly [number: number]: Field;
}

// A value may hold lists and maps of values.
const anyValue: Record<number, Field> = {
  1: ['stringValue', 'text'],
  2: ['boolValue', 'bool'],
  3: ['intValue', 'int64'],
  4: ['doubleValue', 'double'],
  7: ['bytesValue', 'base64'],
};
const keyValue: Message = { 1: ['key', 'text'], 2: ['value', anyValue] };
anyValue[5] = ['arrayValue', { 1: ['values', anyValue, '[]'] }];
anyValue[6] = ['kvlistValue', { 1: ['values', keyValue, '[]'] }];

const event: Message = {
  1: ['timeUnixNano', 'fixed64'],
  2: ['name', 'text'],
  3: ['attributes', keyValue, '[]'],
  4: ['droppedAttributesCount', 'number'],
};
const link: Message = {
  1: ['traceId', 'hex'],
  2: ['spanId', 'hex'],
  3: ['traceState', 'text'],
  4: ['attributes', keyValue, '[]'],
  5: ['droppedAttributesCount', 'number'],
  6: ['flags', 'fixed32'],
};
const span: Message = {
  1: ['traceId', 'hex'],
  2: ['spanId', 'hex'],
  3: ['traceState', 'text'],
  4: ['parentSpanId', 'hex'],
  5: ['name', 'text'],
  6: ['kind', 'number'],
  7: ['startTimeUnixNano', 'fixed64'],
  8: ['endTimeUnixNano', 'fixed64'],
  9: ['attributes', keyValue, '[]'],
  10: ['droppedAttributesCount', 'number'],
  11: ['events', event, '[]'],
  12: ['droppedEventsCount', 'number'],
  13: ['links', link, '[]'],
  14: ['droppedLinksCount', 'number'],
  15: ['status', { 2: ['message', 'text'], 3: ['code', 'number'] }],
  16: ['flags', 'fixed32'],
};
const scope: Message = {
  1: ['name', 'text'],
  2: ['version', 'text'],
  3: ['attributes', keyValue, '[]'],
  4: ['droppedAttributesCount', 'number'],
};
const scopeSpans: Message = { 1: ['scope', scope], 2: ['spans', span, '[]'], 3: ['schemaUrl', 'text'] };
const resourceSpans: Message = {
  1: ['resource', { 1: ['attributes', keyValue, '[]'] }],
  2: ['scopeSpans', scopeSpans, '[]'],
  3: ['schemaUrl', 'text'],
};
const request: Message = { 1: ['resourceSpans', resourceSpans, '[]'] };

/** A request as this package encodes it, as OTLP/JSON. */
export function requestJson(body: Buffer): Buffer {
  return Buffer.from(JSON.stringify(new Reader(body).message(request, body.length)));
}

class Reader {
  readonly #bytes: Buffer;
  #at = 0;

  constructor(bytes: Buffer) {
    this.#bytes = bytes;
  }

  message(fields: Message, end: number): Record<string, unknown> {
    const object: Record<string, unknown> = {};
    while (this.#at < end) {
      const number = Number(this.#varint() >> 3n);
      const [name, type, list] = fields[number] ?? never(number);
      const value = typeof type === 'string' ? this.#scalar(type) : this.#inner(type);
      if (list) ((object[name] ??= []) as unknown[]).push(value);
      else object[name] = value;
    }
    return object;
  }

  #inner(fields: Message): Record<string, unknown> {
    const size = Number(this.#varint());
    return this.message(fields, this.#at + size);
  }

  #scalar(kind: Kind): unknown {
    switch (kind) {
      case 'text':
        return this.#take().toString();
      case 'hex':
      case 'base64':
        return this.#take().toString(kind);
      case 'number':
        return Number(this.#varint());
      case 'bool':
        return this.#varint() !== 0n;
      case 'int64':
        return String(BigInt.asIntN(64, this.#varint()));
      case 'fixed32':
        return this.#bytes.readUInt32LE((this.#at += 4) - 4);
      case 'fixed64':
        return String(this.#bytes.readBigUInt64LE((this.#at += 8) - 8));
      case 'double': {
        const value = this.#bytes.readDoubleLE((this.#at += 8) - 8);
        return Number.isFinite(value) ? value : String(value);
      }
    }
  }

  #take(): Buffer {
    const size = Number(this.#varint());
    return this.#bytes.subarray(this.#at, (this.#at += size));
  }

  #varint(): bigint {
    let byte = this.#bytes[this.#at++]!;
    if (byte < 128) return BigInt(byte);
    let value = BigInt(byte & 127);
    for (let shift = 7n; byte > 127; shift += 7n) {
      byte = this.#bytes[this.#at++]!;
      value |= BigInt(byte & 127) << shift;
    }
    return value;
  }
}

function never(number: number): never {
  throw new Error(`this package writes no field ${number} here`);
}
