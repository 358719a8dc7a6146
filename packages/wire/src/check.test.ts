import { InvalidData, type Span } from '@throughline/model';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { logRecords, runs, spans } from './arbitrary.test-kit.ts';
import { checkLogs, checkTraces, decodeLogs, decodeTraces, encodeLogs, encodeTraces } from './index.ts';
import { referenceEncode } from './otlp.test-kit.ts';
import { traceFromText } from './testing/index.ts';

const traceId = Buffer.from('0123456789abcdef0123456789abcdef', 'hex');
const spanId = Buffer.from('0123456789abcdef', 'hex');

/** TracesData with these spans, each with valid ids unless it says otherwise. */
function traces(...some: Record<string, unknown>[]): Uint8Array {
  const all = some.map((fields) => ({ traceId, spanId, ...fields }));
  return referenceEncode('TracesData', { resourceSpans: [{ scopeSpans: [{ spans: all }] }] });
}

function logs(...some: Record<string, unknown>[]): Uint8Array {
  return referenceEncode('LogsData', { resourceLogs: [{ scopeLogs: [{ logRecords: some }] }] });
}

/** A field of a message: tag, length, contents. */
function field(number: number, ...contents: (number | Uint8Array)[]): Buffer {
  const body = Buffer.concat(contents.map((part) => (typeof part === 'number' ? Buffer.of(part) : part)));
  const length = body.length < 0x80 ? [body.length] : [(body.length & 0x7f) | 0x80, body.length >> 7];
  return Buffer.concat([Buffer.of((number << 3) | 2, ...length), body]);
}

/** TracesData with one span that consists of `contents`. */
function rawSpan(...contents: (number | Uint8Array)[]): Buffer {
  return field(1, field(2, field(2, ...contents)));
}

const ids = Buffer.concat([field(1, traceId), field(2, spanId)]);

/** What the check says about `bytes`: the error's text, or how many spans it keeps. */
function verdict(bytes: Uint8Array): string | number {
  try {
    return checkTraces(bytes).batch.items;
  } catch (error) {
    if (error instanceof InvalidData) return error.message;
    throw error;
  }
}

describe('a valid request', () => {
  test('is kept as it is, without a copy', () => {
    const bytes = encodeTraces(traceFromText('a: x 0..1\n  b: y 0..1'));
    const { batch, rejected } = checkTraces(bytes);
    expect(batch.bytes).toBe(bytes);
    expect({ items: batch.items, rejected }).toEqual({ items: 2, rejected: 0 });
  });

  test('may be empty, or have empty groups', () => {
    expect(verdict(new Uint8Array())).toBe(0);
    expect(verdict(Buffer.of(0x0a, 0))).toBe(0);
    expect(verdict(Buffer.of(0x0a, 2, 0x12, 0))).toBe(0);
    expect(checkLogs(Buffer.of(0x0a, 2, 0x12, 0)).batch).toMatchObject({ signal: 'logs', items: 0 });
  });

  test('may have unknown fields of every wire type and number', () => {
    const unknown = [
      Buffer.of(0x98, 0x06, 0xff, 0x01), // field 99, varint
      Buffer.of(0x99, 0x06, 1, 2, 3, 4, 5, 6, 7, 8), // fixed64
      Buffer.of(0x9a, 0x06, 2, 0xff, 0xff), // length-delimited
      Buffer.of(0x9d, 0x06, 1, 2, 3, 4), // fixed32
      Buffer.of(0xfa, 0xff, 0xff, 0xff, 0x0f, 0), // field 2^29-1, length-delimited
    ];
    expect(verdict(rawSpan(ids, ...unknown))).toBe(1);
    expect(verdict(Buffer.concat([...unknown, rawSpan(ids)]))).toBe(1);
  });

  test('may write lengths and numbers with more bytes than needed', () => {
    expect(verdict(rawSpan(ids, Buffer.of(0x2a, 0x81, 0x80, 0x00, 0x61)))).toBe(1);
    expect(verdict(rawSpan(Buffer.of(0x0a, 0x90, 0x00), traceId, Buffer.of(0x12, 0x88, 0x00), spanId))).toBe(
      1,
    );
    expect(
      verdict(rawSpan(ids, Buffer.of(0x30, 0x85, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x00))),
    ).toBe(1);
  });

  test('may hold text that is not UTF-8, which reads as U+FFFD', () => {
    const bytes = rawSpan(ids, field(5, 0x61, 0xff));
    expect(verdict(bytes)).toBe(1);
    expect(decodeTraces(bytes)[0]!.name).toBe('a\uFFFD');
  });

  test('may nest values 64 deep and no deeper', () => {
    expect(verdict(spanWithNested(64))).toBe(1);
    expect(verdict(spanWithNested(65))).toMatch(
      /^resource_spans\[0\]\.scope_spans\[0\]\.spans\[0\]\.attributes\[0\]\.value\.array_value\.values\[0\].*: values are nested deeper than 64 \(byte \d+\)$/,
    );
  });

  test('does not exhaust the stack, however deep its values are nested', () => {
    expect(verdict(spanWithNested(100_000))).toContain('values are nested deeper than 64');
  });
});

/** A request with one value in arrays of one element, so that there are `depth` values. */
function spanWithNested(depth: number): Uint8Array {
  const shells: Buffer[] = [Buffer.of(0x10, 1)];
  let size = 2;
  const wrap = (tag: number) => {
    shells.push(Buffer.of(tag, ...varint(size)));
    size += shells.at(-1)!.length;
  };
  for (let i = 1; i < depth; i++) [0x0a, 0x2a].forEach(wrap);
  [0x12, 0x4a].forEach(wrap);
  shells.push(ids);
  size += ids.length;
  [0x12, 0x12, 0x0a].forEach(wrap);
  return Buffer.concat(shells.reverse());
}

function varint(value: number): number[] {
  return value < 0x80 ? [value] : [(value & 0x7f) | 0x80, ...varint(value >>> 7)];
}

describe('a malformed request is refused, naming the place', () => {
  const at = 'resource_spans[0].scope_spans[0].spans[0]';
  test.each([
    [
      'a length beyond the end',
      field(1, Buffer.of(0x12, 100, 1)),
      'resource_spans[0].scope_spans[0]: length 100 runs past the end (byte 3)',
    ],
    [
      'a length of 2^63',
      Buffer.of(0x0a, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x01),
      'resource_spans[0]: length 9223372036854776000 runs past the end (byte 1)',
    ],
    ['a length cut off', Buffer.of(0x0a, 0x80), 'resource_spans[0]: varint runs past the end (byte 1)'],
    [
      'a varint of eleven bytes',
      rawSpan(0x30, ...Array<number>(10).fill(0xff), 1),
      `${at}.kind: varint is longer than 64 bits (byte 7)`,
    ],
    [
      'a varint above 64 bits',
      rawSpan(0x30, ...Array<number>(9).fill(0xff), 2),
      `${at}.kind: varint is longer than 64 bits (byte 7)`,
    ],
    [
      'a fixed64 cut off',
      rawSpan(0x39, 1, 2, 3),
      `${at}.start_time_unix_nano: 8 bytes run past the end (byte 7)`,
    ],
    ['a fixed32 cut off', rawSpan(0x85, 1, 2, 3), `${at}.flags: 4 bytes run past the end (byte 8)`],
    ['a name that is a number', rawSpan(0x28, 1), `${at}.name: is varint, not length-delimited (byte 6)`],
    [
      'a time that is a varint',
      rawSpan(0x38, 1),
      `${at}.start_time_unix_nano: is varint, not fixed64 (byte 6)`,
    ],
    [
      'a double of seven bytes in a value that ends there',
      rawSpan(field(9, field(1, 0x6b), field(2, 0x21, 1, 2, 3, 4, 5, 6, 7))),
      `${at}.attributes[0].value.double_value: 8 bytes run past the end (byte 14)`,
    ],
    [
      'a double that is a varint',
      rawSpan(field(9, field(2, 0x20, 1))),
      `${at}.attributes[0].value.double_value: is varint, not fixed64 (byte 10)`,
    ],
    [
      'a group',
      rawSpan(0x9b, 6, 0x9c, 6),
      `${at}.field 99: wire type start of group is not supported (byte 6)`,
    ],
    ['wire type 7', rawSpan(0x9f, 6), `${at}.field 99: wire type 7 is not supported (byte 6)`],
    ['field number 0', rawSpan(0x02, 0), `${at}: 2 is not a field (byte 6)`],
    [
      'a field number above 2^29',
      rawSpan(0x82, 0x80, 0x80, 0x80, 0x10, 0),
      `${at}: 4294967298 is not a field (byte 6)`,
    ],
    [
      'a tag with more bytes than needed',
      rawSpan(0xaa, 0x00, 0),
      `${at}: tag is longer than it needs to be (byte 6)`,
    ],
    [
      'an inner length beyond its message',
      rawSpan(field(9, 0x0a, 1, 0x6b, 0x12, 9, 0x0a, 7, 1), ids),
      `${at}.attributes[0].value: length 9 runs past the end (byte 12)`,
    ],
    [
      'an inner length short of its message',
      rawSpan(field(9, 0x0a, 1, 0x6b, 0x12, 1, 0x0a, 0), ids),
      `${at}.attributes[0].value.string_value: varint runs past the end (byte 14)`,
    ],
    [
      'a link that is malformed',
      rawSpan(ids, field(13, 0x0a, 9, 1)),
      `${at}.links[0].trace_id: length 9 runs past the end (byte 37)`,
    ],
    [
      'text instead of protobuf',
      Buffer.from('{"resourceSpans":[]}'),
      'field 15: wire type start of group is not supported (byte 0)',
    ],
  ])('%s', (_, bytes, message) => {
    expect(verdict(bytes)).toBe(message);
  });

  test('and the number of the span among many', () => {
    const bytes = traces({}, {}, { name: 'x'.repeat(50) });
    expect(verdict(bytes.subarray(0, bytes.length))).toBe(3);
    bytes[bytes.length - 51] = 51;
    expect(verdict(bytes)).toBe(
      'resource_spans[0].scope_spans[0].spans[2].name: length 51 runs past the end (byte 97)',
    );
  });

  test('in logs as in traces', () => {
    const bytes = logs({ body: { stringValue: 'hello' } });
    expect(() => checkLogs(bytes.subarray(0, -1))).toThrow(
      /^resource_logs\[0\]: length \d+ runs past the end/,
    );
    bytes[bytes.length - 6] = 6;
    expect(() => checkLogs(bytes)).toThrow(
      'resource_logs[0].scope_logs[0].log_records[0].body.string_value: length 6 runs past the end (byte 9)',
    );
  });
});

describe('items with invalid ids are taken out', () => {
  const zero16 = Buffer.alloc(16);
  const zero8 = Buffer.alloc(8);
  const link = { traceId, spanId };
  test.each([
    ['no trace id', { traceId: undefined }, 'span has an invalid trace_id (zero or not 16 bytes)'],
    ['a trace id of zeros', { traceId: zero16 }, 'span has an invalid trace_id (zero or not 16 bytes)'],
    [
      'a short trace id',
      { traceId: traceId.subarray(1) },
      'span has an invalid trace_id (zero or not 16 bytes)',
    ],
    ['no span id', { spanId: undefined }, 'span has an invalid span_id (zero or not 8 bytes)'],
    ['a span id of zeros', { spanId: zero8 }, 'span has an invalid span_id (zero or not 8 bytes)'],
    ['a long span id', { spanId: traceId }, 'span has an invalid span_id (zero or not 8 bytes)'],
    [
      'a long parent id',
      { parentSpanId: traceId },
      'span has an invalid parent_span_id (neither empty nor 8 bytes)',
    ],
    [
      'a link with a short trace id',
      { links: [link, { ...link, traceId: spanId }] },
      'span has a link with an invalid id (trace_id not 16 or span_id not 8 bytes)',
    ],
    [
      'a link with a short span id',
      { links: [{ ...link, spanId: Buffer.of(1) }] },
      'span has a link with an invalid id (trace_id not 16 or span_id not 8 bytes)',
    ],
  ])('a span with %s', (_, fields, reason) => {
    const checked = checkTraces(traces({ name: 'before' }, fields, { name: 'after' }));
    expect(checked).toMatchObject({
      rejected: 1,
      reason: `1 ${reason}`,
      batch: { items: 2, signal: 'traces' },
    });
    expect(decodeTraces(checked.batch.bytes).map(({ name }) => name)).toEqual(['before', 'after']);
  });

  test.each([
    ['a parent id of zeros', { parentSpanId: zero8 }],
    ['an empty parent id', { parentSpanId: Buffer.alloc(0) }],
    ['links without ids', { links: [{}, { traceId: zero16, spanId: zero8 }] }],
  ])('but not a span with %s', (_, fields) => {
    const { batch, rejected } = checkTraces(traces(fields));
    expect(rejected).toBe(0);
    expect(decodeTraces(batch.bytes)[0]!.parentSpanId).toBeUndefined();
  });

  test('a log record with ids of wrong length, but not one without ids', () => {
    const checked = checkLogs(
      logs(
        { severityText: 'kept' },
        { traceId: Buffer.of(1) },
        { traceId, spanId: traceId },
        { traceId: zero16, spanId: zero8, severityText: 'kept too' },
      ),
    );
    expect(checked.reason).toBe(
      '1 log record has an invalid trace_id (neither empty nor 16 bytes); 1 log record has an invalid span_id (neither empty nor 8 bytes)',
    );
    expect(decodeLogs(checked.batch.bytes).map((record) => [record.severityText, record.traceId])).toEqual([
      ['kept', undefined],
      ['kept too', undefined],
    ]);
  });

  test('with one count for each reason', () => {
    const { rejected, reason, batch } = checkTraces(
      traces({ traceId: zero16 }, { spanId: zero8 }, { traceId: zero16 }),
    );
    expect({ rejected, items: batch.items }).toEqual({ rejected: 3, items: 0 });
    expect(reason).toBe(
      '2 spans have an invalid trace_id (zero or not 16 bytes); 1 span has an invalid span_id (zero or not 8 bytes)',
    );
  });

  test('and nothing else changes: groups, order, unknown fields', () => {
    const kept = rawSpan(ids, 0x98, 6, 1);
    const bytes = Buffer.concat([kept, Buffer.of(0x98, 6, 7), rawSpan(field(1, zero16)), kept]);
    const { batch } = checkTraces(bytes);
    expect(Buffer.from(batch.bytes)).toEqual(
      Buffer.concat([kept, Buffer.of(0x98, 6, 7, 0x0a, 2, 0x12, 0), kept]),
    );
  });

  test('of any spans exactly those', () => {
    fc.assert(
      fc.property(spans, fc.infiniteStream(fc.nat(4)), (some, faults) => {
        const broken = some.map((span) => breakId(span, faults.next().value));
        const checked = checkTraces(encodeTraces(broken));
        expect(decodeTraces(checked.batch.bytes)).toEqual(some.filter((span, i) => broken[i] === span));
        expect(checked.rejected).toBe(broken.filter((span, i) => some[i] !== span).length);
      }),
      runs(150),
    );
  });

  test('of any log records exactly those', () => {
    fc.assert(
      fc.property(logRecords, fc.infiniteStream(fc.boolean()), (some, faults) => {
        const broken = some.map((record) => {
          return faults.next().value ? { ...record, traceId: '01' as Span['traceId'] } : record;
        });
        const checked = checkLogs(encodeLogs(broken));
        expect(decodeLogs(checked.batch.bytes)).toEqual(some.filter((record, i) => broken[i] === record));
      }),
      runs(150),
    );
  });
});

function breakId(span: Span, fault: number): Span {
  const id = (text: string) => text as Span['traceId'] & Span['spanId'];
  if (fault === 1) return { ...span, traceId: id('00'.repeat(16)) };
  if (fault === 2) return { ...span, spanId: id('0102') };
  if (fault === 3) return { ...span, parentSpanId: id('01'.repeat(16)) };
  return span;
}
