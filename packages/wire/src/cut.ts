import { Reader } from './reader.ts';
import { Writer } from './writer.ts';

/** The tags on the way from the root to an item: resource_spans, scope_spans, spans (and the same for logs). */
const way = [0x0a, 0x12, 0x12];

/** `bytes` (TracesData or LogsData, well-formed) without the spans or log records whose fields start at `cuts`. */
export function without(bytes: Uint8Array, cuts: ReadonlySet<number>): Uint8Array {
  const writer = new Writer(bytes.length);
  copy(new Reader(bytes), writer, 0, cuts);
  return writer.finish();
}

function copy(reader: Reader, writer: Writer, level: number, cuts: ReadonlySet<number>): void {
  for (;;) {
    const start = reader.pos;
    const tag = reader.tag();
    if (tag === 0) return;
    if (level < 2 && tag === way[level]) {
      const outer = reader.enter();
      const length = writer.open(tag);
      copy(reader, writer, level + 1, cuts);
      writer.close(length);
      reader.leave(outer);
    } else {
      reader.skip(tag);
      if (!cuts.has(start)) writer.raw(reader.bytes.subarray(start, reader.pos));
    }
  }
}
