import type { SpanId, TraceId } from '@throughline/model';
import { Reader } from '@throughline/wire';
import type { Engine } from '../../engine/engine.ts';
import { Bound } from '../bound.ts';
import { linksTo } from './link-ends.ts';
import { logsOfTrace } from '../logs/log-records.ts';
import { nativeBlocks, type NativeBlockView } from '../native-rows.ts';
import { ServiceShares } from '../search/service-shares.ts';
import { aimed, placeOf } from './trace-place.ts';
import { traceShape } from './trace-shape.ts';
import type { ReadOptions, TimelineColumns } from '../trace-store.ts';
import { traceWarnings } from './trace-warnings.ts';

const noId = '0000000000000000';
/** From so many on, reading in parallel pays. */
const manySpans = 10_000;

/** Hot: traces of 100,000 spans are drawn from this (query benchmark), so no object is made per span. */
export async function timeline(
  engine: Engine,
  id: TraceId,
  nowS: number,
  options: ReadOptions = {},
): Promise<TimelineColumns | undefined> {
  const place = await placeOf(engine, id, options);
  if (!place) return undefined;
  const bound = new Bound();
  const sql = `SELECT span_id, parent_span_id, toFloat64(toUnixTimestamp64Nano(start) - ${bound.value('Int64', place.head.start)}) AS offset,
      toFloat64(duration) AS length, service, name, kind, status, event_names, events, links
    FROM spans WHERE ${place.where(bound)} ORDER BY start, span_id ${place.head.spans < manySpans ? aimed : ''}`;
  const [answer, incoming, logs] = await Promise.all([
    engine.queryNative(sql, { params: bound.params, abort: options.abort }),
    linksTo(engine, id, undefined, options),
    logsOfTrace(engine, id, options),
  ]);
  const columns = new Columns([...nativeBlocks(answer)], place.head.start);
  const shape = traceShape(columns.spanIds, columns.parentIds);
  const { linkedFrom } = columns;
  const firstWithId = new Map<SpanId, number>();
  for (let n = columns.spanIds.length - 1; n >= 0; n--) firstWithId.set(columns.spanIds[n]!, n);
  for (const { targetSpanId } of incoming) {
    const target = firstWithId.get(targetSpanId);
    if (target !== undefined) linkedFrom[target]!++;
  }
  return {
    ...columns.all(),
    summary: { ...place.head, services: columns.shares(), matched: columns.spanIds.length },
    origin: place.head.start,
    parent: shape.parent,
    missing: shape.missing,
    logs,
    warnings: traceWarnings(place.head, shape, columns.spanIds, columns.start, nowS),
  };
}

class Columns {
  readonly spanIds: SpanId[] = [];
  readonly parentIds: string[] = [];
  readonly start: Float64Array;
  readonly linkedFrom: Uint32Array;
  readonly #duration: Float64Array;
  readonly #name: Uint32Array;
  readonly #service: Uint32Array;
  readonly #kind: Uint8Array;
  readonly #status: Uint8Array;
  readonly #events: Uint32Array;
  readonly #links: Uint32Array;
  readonly #eventSpan: number[] = [];
  readonly #eventTime: number[] = [];
  readonly #eventName: number[] = [];
  readonly #names = new Numbered();
  readonly #services = new Numbered();

  constructor(blocks: readonly NativeBlockView[], origin: bigint) {
    const rows = blocks.reduce((sum, block) => sum + block.rows, 0);
    this.start = new Float64Array(rows);
    this.#duration = new Float64Array(rows);
    this.#name = new Uint32Array(rows);
    this.#service = new Uint32Array(rows);
    this.#kind = new Uint8Array(rows);
    this.#status = new Uint8Array(rows);
    this.#events = new Uint32Array(rows);
    this.#links = new Uint32Array(rows);
    this.linkedFrom = new Uint32Array(rows);
    for (const block of blocks) this.#add(block, origin);
  }

  all() {
    return {
      names: this.#names.texts,
      services: this.#services.texts,
      spanIds: this.spanIds,
      name: this.#name,
      service: this.#service,
      kind: this.#kind,
      status: this.#status,
      start: this.start,
      duration: this.#duration,
      events: this.#events,
      links: this.#links,
      linkedFrom: this.linkedFrom,
      eventSpan: Uint32Array.from(this.#eventSpan),
      eventTime: Float64Array.from(this.#eventTime),
      eventName: Uint32Array.from(this.#eventName),
    };
  }

  shares() {
    const shares = new ServiceShares();
    for (let n = 0; n < this.start.length; n++)
      shares.add(this.#services.texts[this.#service[n]!]!, this.#status[n] === 2, this.#duration[n]!);
    return shares.all();
  }

  #add(block: NativeBlockView, origin: bigint): void {
    const [spanId, parentId] = [block.column('span_id'), block.column('parent_span_id')];
    const [offset, length] = [block.column('offset'), block.column('length')];
    const [service, name] = [block.column('service'), block.column('name')];
    const [kind, status] = [block.column('kind'), block.column('status')];
    const [eventNames, events, links] = [
      block.column('event_names'),
      block.column('events'),
      block.column('links'),
    ];
    const nameNumber = numberedBy(this.#names, name.dictionary);
    const serviceNumber = numberedBy(this.#services, service.dictionary);
    for (let row = 0; row < block.rows; row++) {
      const n = this.spanIds.length;
      this.spanIds.push(spanId.bytes(row).toString('hex') as SpanId);
      const parent = parentId.bytes(row).toString('hex');
      this.parentIds.push(parent === noId ? '' : parent);
      this.start[n] = offset.number(row);
      this.#duration[n] = length.number(row);
      this.#name[n] = nameNumber(name.index(row));
      this.#service[n] = serviceNumber(service.index(row));
      this.#kind[n] = kind.number(row);
      this.#status[n] = status.number(row);
      const end = eventNames.end(row);
      const first = eventNames.begin(row);
      this.#events[n] = end - first;
      if (end > first) {
        const times = eventTimes(events.bytes(row));
        for (let event = first; event < end; event++) {
          this.#eventSpan.push(n);
          this.#eventTime.push(Number(times[event - first]! - origin));
          this.#eventName.push(this.#names.of(eventNames.items.text!(event)));
        }
      }
      const linkBytes = links.bytes(row);
      if (linkBytes.length > 0) this.#links[n] = countFields(linkBytes);
    }
  }
}

/** From an index of a block's dictionary to the number of its text. The dictionary has texts that no row has. */
function numberedBy(numbered: Numbered, dictionary: readonly string[]): (index: number) => number {
  const numbers: number[] = [];
  return (index) => (numbers[index] ??= numbered.of(dictionary[index]!));
}

/** The times of the events in `Span.events` fields (time is their field 1). */
function eventTimes(bytes: Buffer): bigint[] {
  const reader = new Reader(bytes);
  const times: bigint[] = [];
  for (let tag = reader.tag(); tag !== 0; tag = reader.tag()) {
    const outer = reader.enter();
    let time = 0n;
    for (let field = reader.tag(); field !== 0; field = reader.tag()) {
      if (field === 0x09) time = reader.fixed64();
      else reader.skip(field);
    }
    reader.leave(outer);
    times.push(time);
  }
  return times;
}

function countFields(bytes: Buffer): number {
  const reader = new Reader(bytes);
  let count = 0;
  for (let tag = reader.tag(); tag !== 0; tag = reader.tag()) {
    reader.skip(tag);
    count++;
  }
  return count;
}

/** Distinct texts, numbered. */
class Numbered {
  readonly texts: string[] = [];
  readonly #numbers = new Map<string, number>();

  of(text: string): number {
    let number = this.#numbers.get(text);
    if (number === undefined) {
      number = this.texts.push(text) - 1;
      this.#numbers.set(text, number);
    }
    return number;
  }
}
