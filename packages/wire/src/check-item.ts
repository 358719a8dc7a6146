import { keyValue, logRecord, span, spanLink } from './schema.ts';
import { afterBytes, afterField, afterVarint, malformed, planOf, walk } from './structure.ts';

const spanPlan = planOf(span);
const recordPlan = planOf(logRecord);
const keyValuePlan = planOf(keyValue);
const linkPlan = planOf(spanLink);

const count = (n: number, one: string, many: string, what: string) =>
  n === 1 ? `1 ${one} ${what}` : `${n} ${many} ${what}`;
const spans = (n: number, what: string) => count(n, 'span has', 'spans have', what);
const records = (n: number, what: string) => count(n, 'log record has', 'log records have', what);

/** What the sender is told about n spans with fault 1, 2, … */
export const spanFaults = [
  (n: number) => spans(n, 'an invalid trace_id (zero or not 16 bytes)'),
  (n: number) => spans(n, 'an invalid span_id (zero or not 8 bytes)'),
  (n: number) => spans(n, 'an invalid parent_span_id (neither empty nor 8 bytes)'),
  (n: number) => spans(n, 'a link with an invalid id (trace_id not 16 or span_id not 8 bytes)'),
];

/** The same for log records. */
export const logFaults = [
  (n: number) => records(n, 'an invalid trace_id (neither empty nor 16 bytes)'),
  (n: number) => records(n, 'an invalid span_id (neither empty nor 8 bytes)'),
];

/**
 * Checks the span in [start, end): returns 0, its fault, or `malformed`. A field that occurs twice counts as it was
 * last. Hot: runs once per span received (check.bench.ts). Positions may run behind `end`, where reads are harmless;
 * the comparison after the loop finds them.
 */
export function checkSpan(b: Uint8Array, start: number, end: number): number {
  let traceId = -1;
  let spanId = -1;
  let parentFault = false;
  let linkFault = false;
  let pos = start;
  while (pos < end) {
    const at = pos;
    switch (b[at]!) {
      case 0x4a:
        pos = afterKeyValue(b, at + 1, end);
        break;
      case 0x0a:
        pos = afterBytes(b, at + 1, end);
        traceId = lengthBefore(b, at + 1, pos) === 16 ? pos - 16 : -1;
        break;
      case 0x12:
        pos = afterBytes(b, at + 1, end);
        spanId = lengthBefore(b, at + 1, pos) === 8 ? pos - 8 : -1;
        break;
      case 0x22:
        pos = afterBytes(b, at + 1, end);
        parentFault = isWrong(lengthBefore(b, at + 1, pos), 8);
        break;
      case 0x39:
      case 0x41:
        pos = at + 9;
        break;
      case 0x6a:
        pos = afterField(b, at, end, spanPlan, 0);
        if (pos <= end) linkFault ||= !hasLinkIds(b, afterVarint(b, at + 1, end), pos);
        break;
      default:
        pos = afterField(b, at, end, spanPlan, 0);
    }
  }
  if (pos !== end) return malformed;
  if (traceId < 0 || isZero(b, traceId, 16)) return 1;
  if (spanId < 0 || isZero(b, spanId, 8)) return 2;
  if (parentFault) return 3;
  return linkFault ? 4 : 0;
}

/** Checks the log record in [start, end): returns 0, its fault, or `malformed`. */
export function checkLogRecord(b: Uint8Array, start: number, end: number): number {
  let traceFault = false;
  let spanFault = false;
  let pos = start;
  while (pos < end) {
    const at = pos;
    switch (b[at]!) {
      case 0x32:
        pos = afterKeyValue(b, at + 1, end);
        break;
      case 0x4a:
        pos = afterBytes(b, at + 1, end);
        traceFault = isWrong(lengthBefore(b, at + 1, pos), 16);
        break;
      case 0x52:
        pos = afterBytes(b, at + 1, end);
        spanFault = isWrong(lengthBefore(b, at + 1, pos), 8);
        break;
      default:
        pos = afterField(b, at, end, recordPlan, 0);
    }
  }
  if (pos !== end) return malformed;
  if (traceFault) return 1;
  return spanFault ? 2 : 0;
}

/**
 * Where the KeyValue ends whose length is at `at`, or `malformed`. Nearly all look the same: a short key, then a short
 * value that is one text, bool, int or double. Those are checked here in a few steps, the others by walking.
 */
function afterKeyValue(b: Uint8Array, at: number, end: number): number {
  const first = b[at]!;
  const start = first < 0x80 ? at + 1 : afterVarint(b, at, end);
  const stop = first < 0x80 ? start + first : afterBytes(b, at, end);
  if (stop > end) return malformed;
  // key, its length, the value's tag, the value's length, and then the one field of the value
  const value = start + 2 + b[start + 1]!;
  if (b[start] === 0x0a && b[start + 1]! < 0x80 && b[value] === 0x12 && value + 2 + b[value + 1]! === stop) {
    if (isPlainValue(b, value + 2, stop)) return stop;
  }
  return walk(b, start, stop, keyValuePlan, 0);
}

/** Whether [at, stop) is exactly one text below 128 bytes, bool, int or double. `false` says nothing. */
function isPlainValue(b: Uint8Array, at: number, stop: number): boolean {
  switch (b[at]!) {
    case 0x0a:
      return at + 2 + b[at + 1]! === stop && b[at + 1]! < 0x80;
    case 0x10:
    case 0x18:
      return at < stop && afterVarint(b, at + 1, stop) === stop;
    case 0x21:
      return at + 9 === stop;
    default:
      return false;
  }
}

/** Whether the ids of the (well-formed) link in [start, end) are of the right lengths, or empty. */
function hasLinkIds(b: Uint8Array, start: number, end: number): boolean {
  let traceId = 0;
  let spanId = 0;
  for (let pos = start; pos < end;) {
    const at = pos;
    pos = afterField(b, at, end, linkPlan, 0);
    if (b[at] === 0x0a) traceId = lengthBefore(b, at + 1, pos);
    else if (b[at] === 0x12) spanId = lengthBefore(b, at + 1, pos);
  }
  return !isWrong(traceId, 16) && !isWrong(spanId, 8);
}

/** The length written at `at` of the value that ends at `stop`. */
function lengthBefore(b: Uint8Array, at: number, stop: number): number {
  return stop - (b[at]! < 0x80 ? at + 1 : afterVarint(b, at, stop));
}

function isWrong(length: number, right: number): boolean {
  return length !== right && length !== 0;
}

function isZero(b: Uint8Array, start: number, length: number): boolean {
  for (let i = start; i < start + length; i++) if (b[i] !== 0) return false;
  return true;
}
