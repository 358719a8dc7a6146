import { Block } from './block.ts';
import type { Dictionary } from './dictionary.ts';
import { FixedColumn, StringColumn, TupleColumn } from './native-columns.ts';
import { WordTable } from './word-table.ts';

/** Per trace: its bounds, its root, how many spans and errors. */
export class TraceRollup {
  readonly #ids = new WordTable(4);
  #last = 0;
  #last0 = 0;
  #last1 = 0;
  #last2 = 0;
  #last3 = 0;
  #start = new Float64Array(256);
  #end = new Float64Array(256);
  /** Exact start and end, low and high word of each. */
  #words = new Uint32Array(1024);
  #spans = new Uint32Array(256);
  #errors = new Uint32Array(256);
  /** 0: a span without a parent was seen; 1: only others, and the earliest stands in. */
  #orphan = new Uint8Array(256);
  #rootStart = new Float64Array(256);
  /** Of the root: the two words of its start, its number of service and of name. */
  #root = new Uint32Array(1024);
  readonly #columns = {
    trace_id: new FixedColumn('FixedString(16)', 16),
    received: new FixedColumn("DateTime('UTC')", 4),
    start: new FixedColumn("DateTime64(9, 'UTC')", 8),
    end: new FixedColumn("DateTime64(9, 'UTC')", 8),
    root: new TupleColumn(
      new FixedColumn('UInt8', 1),
      new FixedColumn("DateTime64(9, 'UTC')", 8),
      new StringColumn(),
      new StringColumn(),
    ),
    spans: new FixedColumn('UInt64', 8),
    errors: new FixedColumn('UInt64', 8),
  };
  readonly block = new Block(this.#columns);

  /** Hot: once per span. Times as their two words and, near enough to compare, as a number. */
  add(
    id0: number,
    id1: number,
    id2: number,
    id3: number,
    startLow: number,
    startHigh: number,
    endLow: number,
    endHigh: number,
    isRoot: boolean,
    service: number,
    name: number,
    error: boolean,
  ): void {
    const before = this.#ids.size;
    // Spans come in the order of their traces: mostly it is the same again.
    if (
      id0 !== this.#last0 ||
      id1 !== this.#last1 ||
      id2 !== this.#last2 ||
      id3 !== this.#last3 ||
      before === 0
    ) {
      this.#last0 = id0;
      this.#last1 = id1;
      this.#last2 = id2;
      this.#last3 = id3;
      this.#last = this.#ids.id(id0, id1, id2, id3);
    }
    const trace = this.#last;
    const start = startHigh * 0x1_0000_0000 + startLow;
    let end = endHigh * 0x1_0000_0000 + endLow;
    // A span that ends before it starts: readers rely on every span's start lying within its trace.
    if (end < start) {
      end = start;
      endLow = startLow;
      endHigh = startHigh;
    }
    const at = trace * 4;
    if (trace === before) {
      if (trace === this.#start.length) this.#grow();
      this.#spans[trace] = 0;
      this.#errors[trace] = 0;
      this.#start[trace] = Infinity;
      this.#end[trace] = -1;
      this.#orphan[trace] = 1;
      this.#rootStart[trace] = Infinity;
    }
    this.#spans[trace]!++;
    if (error) this.#errors[trace]!++;
    if (start < this.#start[trace]!) {
      this.#start[trace] = start;
      this.#words[at] = startLow;
      this.#words[at + 1] = startHigh;
    }
    if (end > this.#end[trace]!) {
      this.#end[trace] = end;
      this.#words[at + 2] = endLow;
      this.#words[at + 3] = endHigh;
    }
    const orphan = isRoot ? 0 : 1;
    const known = this.#orphan[trace]!;
    if (orphan < known || (orphan === known && start < this.#rootStart[trace]!)) {
      this.#orphan[trace] = orphan;
      this.#rootStart[trace] = start;
      this.#root[at] = startLow;
      this.#root[at + 1] = startHigh;
      this.#root[at + 2] = service;
      this.#root[at + 3] = name;
    }
  }

  /** Fills the block. */
  finish(services: Dictionary, names: Dictionary, received: number): void {
    const columns = this.#columns;
    const [orphan, start, service, name] = columns.root.items as [
      FixedColumn,
      FixedColumn,
      StringColumn,
      StringColumn,
    ];
    for (let trace = 0; trace < this.#ids.size; trace++) {
      const at = trace * 4;
      for (let n = 0; n < 4; n++) columns.trace_id.uint32(this.#ids.word(trace, n));
      columns.received.uint32(received);
      columns.start.uint64(this.#words[at]!, this.#words[at + 1]!);
      columns.end.uint64(this.#words[at + 2]!, this.#words[at + 3]!);
      orphan.uint8(this.#orphan[trace]!);
      start.uint64(this.#root[at]!, this.#root[at + 1]!);
      services.copyTo(service, this.#root[at + 2]!);
      names.copyTo(name, this.#root[at + 3]!);
      columns.spans.uint64(this.#spans[trace]!, 0);
      columns.errors.uint64(this.#errors[trace]!, 0);
    }
    this.block.rows = this.#ids.size;
  }

  clear(): void {
    this.#ids.clear();
    this.block.clear();
  }

  #grow(): void {
    const size = this.#start.length * 2;
    this.#start = larger(this.#start, new Float64Array(size));
    this.#end = larger(this.#end, new Float64Array(size));
    this.#rootStart = larger(this.#rootStart, new Float64Array(size));
    this.#words = larger(this.#words, new Uint32Array(size * 4));
    this.#root = larger(this.#root, new Uint32Array(size * 4));
    this.#spans = larger(this.#spans, new Uint32Array(size));
    this.#errors = larger(this.#errors, new Uint32Array(size));
    this.#orphan = larger(this.#orphan, new Uint8Array(size));
  }
}

function larger<T extends { set(from: T): void }>(from: T, to: T): T {
  to.set(from);
  return to;
}
