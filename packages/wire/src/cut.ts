import { Reader } from './reader.ts';
import { Writer } from './writer.ts';

/** The tags on the way from the root to an item: resource_spans, scope_spans, spans (and the same for logs). */
const way = [0x0a, 0x12, 0x12];

/** Whether the span or log record in [start, end) is to be left out. */
type IsRejected = (bytes: Uint8Array, start: number, end: number) => boolean;

/** `bytes` (TracesData or LogsData, well-formed) without the spans or log records that are rejected. */
export function without(bytes: Uint8Array, isRejected: IsRejected): Uint8Array {
  const writer = new Writer(bytes.length);
  copy(new Reader(bytes), writer, 0, isRejected);
  return writer.finish();
}

function copy(reader: Reader, writer: Writer, level: number, isRejected: IsRejected): void {
  for (let start = reader.pos, tag = reader.tag(); tag !== 0; start = reader.pos, tag = reader.tag()) {
    if (tag !== way[level]) {
      reader.skip(tag);
      writer.raw(reader.bytes.subarray(start, reader.pos));
      continue;
    }
    const outer = reader.enter();
    if (level === 2) {
      if (!isRejected(reader.bytes, reader.pos, reader.end))
        writer.raw(reader.bytes.subarray(start, reader.end));
    } else {
      const length = writer.open(tag);
      copy(reader, writer, level + 1, isRejected);
      writer.close(length);
    }
    reader.leave(outer);
  }
}
