import { AttributeColumns, skipField } from './attributes.ts';
import { Block } from './block.ts';
import { cursor, uint32, varint } from './fields.ts';
import { KeyRollup } from './key-rollup.ts';
import { DictionaryColumn, FixedColumn, StringColumn } from './native-columns.ts';
import { Sources, type Source } from './sources.ts';

/** Log records of many batches as blocks for the tables. */
export class LogBlock {
  readonly resources = new Sources('resources');
  readonly scopes = new Sources('scopes');
  readonly keys = new KeyRollup();
  readonly #attributes = new AttributeColumns();
  readonly #columns = {
    minute: new FixedColumn('UInt32', 4),
    received: new FixedColumn("DateTime('UTC')", 4),
    trace_id: new FixedColumn('FixedString(16)', 16),
    span_id: new FixedColumn('FixedString(8)', 8),
    time: new FixedColumn("DateTime64(9, 'UTC')", 8),
    observed: new FixedColumn("DateTime64(9, 'UTC')", 8),
    time_given: new FixedColumn('UInt8', 1),
    flags: new FixedColumn('UInt32', 4),
    service: new DictionaryColumn(),
    severity: new FixedColumn('UInt8', 1),
    severity_text: new DictionaryColumn(),
    event_name: new DictionaryColumn(),
    body_text: new StringColumn(),
    body: new StringColumn(),
    resource_id: new FixedColumn('UInt64', 8),
    scope_id: new FixedColumn('UInt64', 8),
    ...this.#attributes.columns(),
    dropped_attributes: new FixedColumn('UInt32', 4),
  };
  readonly logs = new Block(this.#columns);
  #received = 0;

  /** Records added. */
  get count(): number {
    return this.logs.rows;
  }

  get bytes(): number {
    return this.logs.bytes;
  }

  /** Adds the records of one batch (LogsData, checked), received at `received` seconds since 1970. */
  add(bytes: Uint8Array, received: number): void {
    this.#received = received;
    eachField(bytes, 0, bytes.length, 0x0a, (start, end) => this.#resourceLogs(bytes, start, end));
  }

  finish(): void {
    this.#attributes.padTo(this.logs.rows);
    this.#columns.body.padTo(this.logs.rows);
    this.#columns.body_text.padTo(this.logs.rows);
    this.keys.count('log', this.#columns.service, this.#attributes, this.logs.rows);
    this.keys.finish(this.#received);
  }

  clear(): void {
    for (const block of [this.logs, this.resources.block, this.scopes.block]) block.clear();
    this.keys.clear();
  }

  /** Like clear, and gives memory back. */
  release(): void {
    this.clear();
    this.logs.release();
  }

  /** Fields of ResourceLogs: 1 resource, 2 scope_logs, 3 schema_url; of ScopeLogs: 1 scope, 2 log_records, 3 schema_url. */
  #resourceLogs(bytes: Uint8Array, start: number, end: number): void {
    const resource = this.resources.in(bytes, start, end, this.#received);
    eachField(bytes, start, end, 0x12, (scopeStart, scopeEnd) => {
      const scope = this.scopes.in(bytes, scopeStart, scopeEnd, this.#received);
      eachField(bytes, scopeStart, scopeEnd, 0x12, (from, to) =>
        this.#record(bytes, from, to, resource, scope),
      );
    });
  }

  /** Field numbers: opentelemetry-proto logs.proto, LogRecord. */
  #record(bytes: Uint8Array, pos: number, end: number, resource: Source, scope: Source): void {
    const columns = this.#columns;
    let time = -1;
    let observed = -1;
    let traceId = -1;
    let spanId = -1;
    let severity = 0;
    let flags = 0;
    let dropped = 0;
    let text = [0, 0];
    let event = [0, 0];
    let body = [0, 0];
    while (pos < end) {
      const next = skipField(bytes, pos);
      const tag = bytes[pos]!;
      switch (tag) {
        case 0x09:
          time = pos + 1;
          break;
        case 0x59:
          observed = pos + 1;
          break;
        case 0x10:
          severity = varint(bytes, pos + 1);
          break;
        case 0x38:
          dropped = varint(bytes, pos + 1);
          break;
        case 0x45:
          flags = uint32(bytes, pos + 1);
          break;
        case 0x1a:
        case 0x2a:
        case 0x32:
        case 0x4a:
        case 0x52:
        case 0x62: {
          const length = varint(bytes, pos + 1);
          const at = cursor.pos;
          if (tag === 0x1a) text = [at, length];
          else if (tag === 0x2a) body = [at, length];
          else if (tag === 0x32) this.#attributes.add(bytes, at, next);
          else if (tag === 0x4a) traceId = length === 16 ? at : -1;
          else if (tag === 0x52) spanId = length === 8 ? at : -1;
          else event = [at, length];
          break;
        }
        default:
      }
      pos = next;
    }
    const given = time >= 0 && (uint32(bytes, time) !== 0 || uint32(bytes, time + 4) !== 0);
    const when = given ? time : observed;
    let low = when < 0 ? 0 : uint32(bytes, when);
    let high = when < 0 ? 0 : uint32(bytes, when + 4) & 0x7fff_ffff;
    if (low === 0 && high === 0) {
      const nanos = BigInt(this.#received) * 1_000_000_000n;
      low = Number(nanos & 0xffff_ffffn);
      high = Number(nanos >> 32n);
    }
    columns.minute.uint32(Math.floor((high * 0x1_0000_0000 + low) / 60e9));
    columns.received.uint32(this.#received);
    const row = this.logs.rows;
    if (traceId < 0) columns.trace_id.padTo(row + 1);
    else columns.trace_id.copy(bytes, traceId);
    if (spanId < 0) columns.span_id.padTo(row + 1);
    else columns.span_id.copy(bytes, spanId);
    columns.time.uint64(low, high);
    columns.observed.uint64(
      observed < 0 ? 0 : uint32(bytes, observed),
      observed < 0 ? 0 : uint32(bytes, observed + 4) & 0x7fff_ffff,
    );
    columns.time_given.uint8(given ? 1 : 0);
    columns.flags.uint32(flags);
    columns.service.text(resource.service);
    columns.severity.uint8(severity > 24 ? 0 : severity);
    columns.severity_text.push(columns.severity_text.dictionary.id(bytes, text[0]!, text[1]!));
    columns.event_name.push(columns.event_name.dictionary.id(bytes, event[0]!, event[1]!));
    this.#body(bytes, body[0]!, body[1]!);
    columns.resource_id.uint64(resource.low, resource.high);
    columns.scope_id.uint64(scope.low, scope.high);
    this.#attributes.end(row);
    columns.dropped_attributes.uint32(dropped);
    this.logs.rows++;
  }

  /** A string goes into a column that can be searched; anything else is kept as it came. */
  #body(bytes: Uint8Array, start: number, length: number): void {
    const { body_text, body } = this.#columns;
    const row = this.logs.rows;
    if (length > 0 && bytes[start] === 0x0a) {
      const count = varint(bytes, start + 1);
      if (cursor.pos + count === start + length) {
        body_text.padTo(row);
        body_text.copy(bytes, cursor.pos, count);
        return;
      }
    }
    body.padTo(row);
    body.copy(bytes, start, length);
  }
}

/** Calls `visit` with the bounds of every length-delimited field that has this one-byte tag. */
function eachField(
  bytes: Uint8Array,
  start: number,
  end: number,
  tag: number,
  visit: (start: number, end: number) => void,
): void {
  for (let pos = start; pos < end;) {
    const next = skipField(bytes, pos);
    if (bytes[pos] === tag) {
      varint(bytes, pos + 1);
      visit(cursor.pos, next);
    }
    pos = next;
  }
}
