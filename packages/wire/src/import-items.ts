import type { TraceId } from '@throughline/model';
import type { Batch } from './batch.ts';
import { Reader } from './reader.ts';

/** What tells a span apart from all others: trace id, span id and start, in 32 and 16 hex digits and nanoseconds. */
export function spanKey(traceId: string, spanId: string, start: bigint): string {
  return `${traceId}${spanId}${start}`;
}

/** Of the span that the checked bytes from `start` to `end` are. */
export function headOfSpan(
  bytes: Uint8Array,
  start: number,
  end: number,
): { readonly traceId: TraceId; readonly key: string } {
  const reader = new Reader(bytes, start, end);
  let [traceId, spanId, time] = ['', '', 0n];
  for (let tag = reader.tag(); tag !== 0; tag = reader.tag()) {
    if (tag === 0x0a) traceId = reader.hex();
    else if (tag === 0x12) spanId = reader.hex();
    else if (tag === 0x39) time = reader.fixed64();
    else reader.skip(tag);
  }
  return { traceId: traceId as TraceId, key: spanKey(traceId, spanId, time) };
}

/** When the log record happened, or was observed where it does not say; 0: neither. */
export function timeOfLog(bytes: Uint8Array, start: number, end: number): bigint {
  const reader = new Reader(bytes, start, end);
  let [time, observed] = [0n, 0n];
  for (let tag = reader.tag(); tag !== 0; tag = reader.tag()) {
    if (tag === 0x09) time = reader.fixed64();
    else if (tag === 0x59) observed = reader.fixed64();
    else reader.skip(tag);
  }
  return time === 0n ? observed : time;
}

/** Calls `visit` with the bounds of each span or log record of the batch. */
export function eachItem(
  { bytes }: Batch,
  visit: (bytes: Uint8Array, start: number, end: number) => void,
): void {
  const reader = new Reader(bytes);
  eachMessage(reader, 0x0a, () =>
    eachMessage(reader, 0x12, () => eachMessage(reader, 0x12, () => visit(bytes, reader.pos, reader.end))),
  );
}

function eachMessage(reader: Reader, wanted: number, visit: () => void): void {
  for (let tag = reader.tag(); tag !== 0; tag = reader.tag()) {
    if (tag !== wanted) {
      reader.skip(tag);
      continue;
    }
    const outer = reader.enter();
    visit();
    reader.leave(outer);
  }
}
