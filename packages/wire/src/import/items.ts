import type { TraceId } from '@throughline/model';
import { createHash } from 'node:crypto';
import type { Batch } from '../batch.ts';
import { Reader } from '../reader.ts';

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

/**
 * What tells a log record apart from others: its time, the ids of its trace and span, or zeros, and its body: the text
 * of one that is a text, else the bytes of its AnyValue.
 */
export function logKey(time: bigint, traceId: string, spanId: string, body: Uint8Array): string {
  return `${time} ${traceId}${spanId} ${createHash('sha1').update(body).digest('base64')}`;
}

/** Of the log record that the checked bytes from `start` to `end` are; `time` 0: it says neither when it was nor when it was seen. */
export function headOfLog(
  bytes: Uint8Array,
  start: number,
  end: number,
): { readonly time: bigint; readonly key: string } {
  const reader = new Reader(bytes, start, end);
  let [time, observed, traceId, spanId] = [0n, 0n, '', ''];
  let body: Uint8Array = new Uint8Array();
  for (let tag = reader.tag(); tag !== 0; tag = reader.tag()) {
    if (tag === 0x09) time = reader.fixed64();
    else if (tag === 0x59) observed = reader.fixed64();
    else if (tag === 0x4a) traceId = reader.hex();
    else if (tag === 0x52) spanId = reader.hex();
    else if (tag === 0x2a) body = bodyIn(reader.view());
    else reader.skip(tag);
  }
  const when = time === 0n ? observed : time;
  return { time: when, key: logKey(when, traceId || noTrace, spanId || noSpan, body) };
}

const noTrace = '0'.repeat(32);
const noSpan = '0'.repeat(16);

/** The text of an AnyValue that is one, else all of it. */
function bodyIn(value: Uint8Array): Uint8Array {
  const reader = new Reader(value);
  if (reader.tag() !== 0x0a) return value;
  const text = reader.view();
  return reader.pos === value.length ? text : value;
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
