import { createHash } from 'node:crypto';
import { AttributeColumns, skipField } from './attributes.ts';
import { Block } from './block.ts';
import { cursor, varint } from './fields.ts';
import { partitionSeconds } from '../schema/migrations.ts';
import { FixedColumn, StringColumn, type Column } from './native-columns.ts';

/** What a resource or a scope is known by in the tables: the hash of its bytes. */
export interface Source {
  readonly low: number;
  readonly high: number;
  /** Of a resource: the value of service.name. */
  readonly service: string;
}

const noBytes = new Uint8Array(0);
/** How many resources (or scopes) are remembered as written; beyond that, all are written once more. */
const remembered = 50_000;

/**
 * Resources, or scopes: each is written once to a table of its own, and rows name it by id. What was written to a
 * partition is remembered and not written again; writing one twice does no harm.
 */
export class Sources {
  readonly #known = new Map<string, Source>();
  #period = 0;
  readonly #isScope: boolean;
  readonly #attributes = new AttributeColumns();
  readonly #columns;
  readonly block: Block;

  constructor(kind: 'resources' | 'scopes') {
    this.#isScope = kind === 'scopes';
    this.#columns = {
      id: new FixedColumn('UInt64', 8),
      received: new FixedColumn("DateTime('UTC')", 4),
      name: new StringColumn(),
      version: new StringColumn(),
      ...this.#attributes.columns(),
      schema_url: new StringColumn(),
      dropped_attributes: new FixedColumn('UInt32', 4),
    };
    const { name, version, ...others } = this.#columns;
    const columns: Record<string, Column> = this.#isScope ? this.#columns : { ...others, service: name };
    this.block = new Block(columns);
    this.#version = version;
  }
  readonly #version: StringColumn;

  /**
   * The source of what is in the message `bytes[start..end)`: ResourceSpans, ResourceLogs, ScopeSpans or ScopeLogs, which
   * all have it in field 1 and its schema URL in field 3.
   */
  in(bytes: Uint8Array, start: number, end: number, received: number): Source {
    let from = start;
    let to = start;
    let schemaUrl: Uint8Array = noBytes;
    for (let pos = start; pos < end;) {
      const tag = bytes[pos]!;
      const next = skipField(bytes, pos);
      if (tag === 0x0a) {
        varint(bytes, pos + 1);
        from = cursor.pos;
        to = next;
      } else if (tag === 0x1a) {
        varint(bytes, pos + 1);
        schemaUrl = bytes.subarray(cursor.pos, next);
      }
      pos = next;
    }
    return this.#of(bytes, from, to, schemaUrl, received);
  }

  /**
   * The source that `bytes[start..end)` (a Resource or InstrumentationScope message; empty when absent) and the schema URL
   * make; a new one becomes a row of the block.
   */
  #of(bytes: Uint8Array, start: number, end: number, schemaUrl: Uint8Array, received: number): Source {
    // A partition has all that its rows refer to, because partitions are deleted one by one.
    const period = Math.floor(received / partitionSeconds);
    if (this.#known.size > remembered || period !== this.#period) {
      this.#known.clear();
      this.#period = period;
    }
    const hash = createHash('md5').update(bytes.subarray(start, end)).update('\0').update(schemaUrl).digest();
    const key = hash.toString('latin1', 0, 8);
    let source = this.#known.get(key);
    if (!source) {
      source = {
        low: hash.readUInt32LE(0),
        high: hash.readUInt32LE(4),
        service: this.#write(bytes, start, end, schemaUrl, hash, received),
      };
      this.#known.set(key, source);
    }
    return source;
  }

  /** The rows were not stored: forget that they were written. */
  forget(): void {
    this.#known.clear();
  }

  #write(
    bytes: Uint8Array,
    pos: number,
    end: number,
    schemaUrl: Uint8Array,
    hash: Buffer,
    received: number,
  ): string {
    const columns = this.#columns;
    columns.id.copy(hash, 0);
    columns.received.uint32(received);
    let dropped = 0;
    let name = '';
    let version = '';
    let service = '';
    // Fields of Resource: 1 attributes, 2 dropped; of InstrumentationScope: 1 name, 2 version, 3 attributes, 4 dropped.
    const attributesTag = this.#isScope ? 0x1a : 0x0a;
    const droppedTag = this.#isScope ? 0x20 : 0x10;
    while (pos < end) {
      const tag = bytes[pos]!;
      const next = skipField(bytes, pos);
      if (tag === attributesTag) {
        const length = varint(bytes, pos + 1);
        this.#attributes.add(bytes, cursor.pos, cursor.pos + length);
        service = serviceName(bytes, cursor.pos, next) ?? service;
      } else if (tag === droppedTag) dropped = varint(bytes, pos + 1);
      else if (this.#isScope && (tag === 0x0a || tag === 0x12)) {
        const length = varint(bytes, pos + 1);
        const text = Buffer.from(bytes.buffer, bytes.byteOffset + cursor.pos, length).toString();
        if (tag === 0x0a) name = text;
        else version = text;
      }
      pos = next;
    }
    this.#attributes.end(this.block.rows);
    this.#attributes.padTo(this.block.rows + 1);
    columns.name.text(this.#isScope ? name : service || 'unknown_service');
    if (this.#isScope) this.#version.text(version);
    columns.schema_url.copy(schemaUrl, 0, schemaUrl.length);
    columns.dropped_attributes.uint32(dropped);
    this.block.rows++;
    return service || 'unknown_service';
  }
}

const serviceKey = Buffer.from('\x0a\x0cservice.name\x12', 'latin1');

/** The value of the KeyValue message `bytes[pos..end)` when it is a service.name with a string. */
function serviceName(bytes: Uint8Array, pos: number, end: number): string | undefined {
  for (let i = 0; i < serviceKey.length; i++) if (bytes[pos + i] !== serviceKey[i]) return undefined;
  varint(bytes, pos + serviceKey.length);
  if (bytes[cursor.pos] !== 0x0a) return undefined;
  const length = varint(bytes, cursor.pos + 1);
  if (cursor.pos + length !== end) return undefined;
  return Buffer.from(bytes.buffer, bytes.byteOffset + cursor.pos, length).toString();
}
