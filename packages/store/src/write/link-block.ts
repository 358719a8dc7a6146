import { skipField } from './attributes.ts';
import { Block } from './block.ts';
import { cursor, varint } from './fields.ts';
import { DictionaryColumn, FixedColumn, StringColumn } from './native-columns.ts';

/** The span that links stand on. */
export interface LinkingSpan {
  /** Positions of its ids in the bytes. */
  readonly traceId: number;
  readonly spanId: number;
  readonly startLow: number;
  readonly startHigh: number;
  readonly service: string;
  readonly name: string;
}

/** A row for each link, under what it points to. */
export class LinkBlock {
  readonly #columns = {
    linked_trace_id: new FixedColumn('FixedString(16)', 16),
    linked_span_id: new FixedColumn('FixedString(8)', 8),
    received: new FixedColumn("DateTime('UTC')", 4),
    trace_id: new FixedColumn('FixedString(16)', 16),
    span_id: new FixedColumn('FixedString(8)', 8),
    start: new FixedColumn("DateTime64(9, 'UTC')", 8),
    service: new DictionaryColumn(),
    name: new DictionaryColumn(),
    link: new StringColumn(),
  };
  readonly block = new Block(this.#columns);

  /** The links of the Span message `bytes[pos..end)`. Fields of Span.Link: 1 trace_id, 2 span_id, and what is kept as received. */
  add(bytes: Uint8Array, pos: number, end: number, span: LinkingSpan, received: number): void {
    const columns = this.#columns;
    while (pos < end) {
      const next = skipField(bytes, pos);
      if (bytes[pos] === 0x6a) {
        varint(bytes, pos + 1);
        const body = cursor.pos;
        let linkedTrace = -1;
        let linkedSpan = -1;
        for (let at = body; at < next; at = skipField(bytes, at)) {
          if (bytes[at] === 0x0a && varint(bytes, at + 1) === 16) linkedTrace = cursor.pos;
          else if (bytes[at] === 0x12 && varint(bytes, at + 1) === 8) linkedSpan = cursor.pos;
        }
        if (linkedTrace >= 0 && linkedSpan >= 0) {
          columns.linked_trace_id.copy(bytes, linkedTrace);
          columns.linked_span_id.copy(bytes, linkedSpan);
          columns.received.uint32(received);
          columns.trace_id.copy(bytes, span.traceId);
          columns.span_id.copy(bytes, span.spanId);
          columns.start.uint64(span.startLow, span.startHigh);
          columns.service.text(span.service);
          columns.name.text(span.name);
          columns.link.copy(bytes, body, next - body);
          this.block.rows++;
        }
      }
      pos = next;
    }
  }

  /**
   * What the links from row `from` on point to, at most a hundred: of the trace id the latter two of its four
   * little-endian words, of the span id both.
   */
  each(from: number, found: (traceLow: number, traceHigh: number, low: number, high: number) => void): void {
    const traces = this.#columns.linked_trace_id.data.words;
    const spans = this.#columns.linked_span_id.data.words;
    const to = Math.min(this.block.rows, from + 100);
    for (let row = from; row < to; row++)
      found(traces[row * 4 + 2]!, traces[row * 4 + 3]!, spans[row * 2]!, spans[row * 2 + 1]!);
  }

  clear(): void {
    this.block.clear();
  }
}
