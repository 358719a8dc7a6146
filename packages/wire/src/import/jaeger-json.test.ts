import type { Span } from '@throughline/model';
import { describe, expect, it } from 'vitest';
import { imported } from './import.test-kit.ts';
import { textOfTrace } from '../testing/trace-text.ts';

const micros = 1_700_000_000_123_456;
const process = {
  serviceName: 'shop',
  tags: [
    { key: 'hostname', type: 'string', value: 'box-1' },
    { key: 'pid', type: 'int64', value: 42 },
  ],
};
const span = (more: object = {}) => ({
  traceID: 'abc',
  spanID: '1',
  operationName: 'GET /cart',
  references: [],
  startTime: micros,
  duration: 1_500,
  tags: [],
  logs: [],
  processID: 'p1',
  warnings: null,
  ...more,
});
const trace = (...spans: object[]) => ({ traceID: 'abc', spans, processes: { p1: process } });
async function one(more: object): Promise<Span> {
  const { spans, report } = await imported({ data: [trace(span(more))] });
  expect(report.problems).toEqual([]);
  return spans[0]!;
}

describe("Jaeger's JSON", () => {
  it('is read as the answer of its API and as a bare trace', async () => {
    const traces = [trace(span()), { ...trace(span({ traceID: 'def' })), traceID: 'def' }];
    for (const [file, count] of [
      [{ data: traces, total: 0, limit: 0, offset: 0, errors: null }, 2],
      [traces, 2],
      [traces[0], 1],
      [JSON.stringify(traces[0]), 1],
      [span({ process, processID: undefined }), 1],
      [`${JSON.stringify(traces[0])}\n${JSON.stringify({ data: [traces[1]] })}\n`, 2],
    ] as [unknown, number][]) {
      const { spans, report } = await imported(file);
      expect(report).toMatchObject({ formats: ['jaeger'], traces: count, problemCount: 0 });
      expect(spans[0]).toMatchObject({
        name: 'GET /cart',
        resource: { attributes: { 'service.name': 'shop' } },
      });
    }
  });

  it('has ids of 64 bits, which are padded, exact microseconds, and its process as the resource', async () => {
    expect(await one({ flags: 1 })).toEqual({
      traceId: '00000000000000000000000000000abc',
      spanId: '0000000000000001',
      parentSpanId: undefined,
      traceState: '',
      flags: 1,
      name: 'GET /cart',
      kind: 'unspecified',
      start: 1_700_000_000_123_456_000n,
      duration: 1_500_000,
      status: 'unset',
      statusMessage: '',
      attributes: {},
      events: [],
      links: [],
      droppedAttributes: 0,
      droppedEvents: 0,
      droppedLinks: 0,
      resource: {
        attributes: { 'service.name': 'shop', 'host.name': 'box-1', pid: 42n },
        schemaUrl: '',
        droppedAttributes: 0,
      },
      scope: { name: '', version: '', attributes: {}, schemaUrl: '', droppedAttributes: 0 },
    });
  });

  it('has tags that keep their types', async () => {
    const tags = [
      { key: 'text', type: 'string', value: '7' },
      { key: 'yes', type: 'bool', value: true },
      { key: 'whole', type: 'int64', value: 7 },
      { key: 'long', type: 'int64', value: '9007199254740993' },
      { key: 'share', type: 'float64', value: 1 },
      { key: 'bytes', type: 'binary', value: 'AP+A' },
      { key: 'again', type: 'string', value: 'a' },
      { key: 'again', type: 'string', value: 'b' },
      { key: 'untyped', value: 3 },
    ];
    const file = JSON.stringify(trace(span({ tags }))).replace('"9007199254740993"', '9007199254740993');
    expect((await imported(file)).spans[0]!.attributes).toEqual({
      text: '7',
      yes: true,
      whole: 7n,
      long: 9007199254740993n,
      share: 1,
      bytes: new Uint8Array([0, 255, 128]),
      again: 'a',
      'again.2': 'b',
      untyped: 3n,
    });
  });

  it.each([
    [{ 'span.kind': 'server' }, { kind: 'server', status: 'unset', attributes: {} }],
    [{ 'span.kind': 'robot' }, { kind: 'unspecified', attributes: { 'span.kind': 'robot' } }],
    [{ error: true }, { status: 'error', attributes: {} }],
    [{ error: 'true' }, { status: 'error', attributes: {} }],
    [{ error: false }, { status: 'unset', attributes: {} }],
    [{ error: 'timeout' }, { status: 'unset', attributes: { error: 'timeout' } }],
    [{ 'otel.status_code': 'OK' }, { status: 'ok', attributes: {} }],
    [
      { 'otel.status_code': 'ERROR', 'otel.status_description': 'no money', error: true },
      { status: 'error', statusMessage: 'no money', attributes: {} },
    ],
    [
      { 'otel.scope.name': 'lib', 'otel.scope.version': '2', 'w3c.tracestate': 'a=1' },
      { scope: { name: 'lib', version: '2' }, traceState: 'a=1', attributes: {} },
    ],
    [{ 'otel.library.name': 'old' }, { scope: { name: 'old' }, attributes: {} }],
  ])('has with %o in its tags what they mean', async (values, expected) => {
    const tags = Object.entries(values).map(([key, value]) => ({
      key,
      type: typeof value === 'boolean' ? 'bool' : 'string',
      value,
    }));
    expect(await one({ tags })).toMatchObject(expected);
  });

  it('has references that become the parent and links', async () => {
    const to = (refType: string, traceID: string, spanID: string) => ({ refType, traceID, spanID });
    const { parentSpanId, links } = await one({
      references: [
        to('FOLLOWS_FROM', 'abc', '7'),
        to('CHILD_OF', 'abc', '8'),
        to('FOLLOWS_FROM', 'def', '9'),
      ],
    });
    expect(parentSpanId).toBe('0000000000000008');
    expect(links.map((link) => [link.traceId.slice(-3), link.spanId.slice(-1), link.attributes])).toEqual([
      ['abc', '7', { 'opentracing.ref_type': 'follows_from' }],
      ['def', '9', { 'opentracing.ref_type': 'follows_from' }],
    ]);
    expect((await one({ references: [to('FOLLOWS_FROM', 'abc', '7')] })).parentSpanId).toBe(
      '0000000000000007',
    );
    expect((await one({ references: [to('CHILD_OF', 'def', '7')] })).parentSpanId).toBeUndefined();
    expect((await one({ parentSpanID: '5' })).parentSpanId).toBe('0000000000000005');
  });

  it('has logs that become events, and warnings', async () => {
    const field = (key: string, value: unknown) => ({ key, type: 'string', value });
    const { events, attributes } = await one({
      logs: [
        { timestamp: micros + 1, fields: [field('event', 'cache.miss'), field('key', 'cart')] },
        { timestamp: micros + 2, fields: [field('message', 'hello')] },
      ],
      warnings: ['clock skew'],
    });
    expect(events).toEqual([
      {
        time: 1_700_000_000_123_457_000n,
        name: 'cache.miss',
        attributes: { key: 'cart' },
        droppedAttributes: 0,
      },
      {
        time: 1_700_000_000_123_458_000n,
        name: 'hello',
        attributes: { message: 'hello' },
        droppedAttributes: 0,
      },
    ]);
    expect(attributes).toEqual({ 'jaeger.warnings': ['clock skew'] });
  });

  it('keeps the shape of a trace', async () => {
    const child = (spanID: string, parent: string, start: number, processID: string) =>
      span({
        spanID,
        processID,
        operationName: `step ${spanID}`,
        startTime: micros + start * 1000,
        duration: 2000,
        references: [{ refType: 'CHILD_OF', traceID: 'abc', spanID: parent }],
      });
    const file = {
      ...trace(span({ duration: 9_000 }), child('3', '2', 4, 'p1'), child('2', '1', 3, 'p2')),
      processes: { p1: process, p2: { serviceName: 'pay' } },
    };
    expect(textOfTrace((await imported(file)).spans)).toBe(`shop: GET /cart unspecified 0..9
  pay: step 2 unspecified 3..5
    shop: step 3 unspecified 4..6`);
  });

  it.each([
    [{ spanID: 'xyz' }, 'spans[1].spanID', 'expected up to 16 hex digits, got "xyz"'],
    [{ spanID: '0' }, 'spans[1].spanID', 'expected an id that is not zero, got "0"'],
    [
      { traceID: 'a'.repeat(33) },
      'spans[1].traceID',
      `expected up to 32 hex digits, got "${'a'.repeat(33)}"`,
    ],
    [{ startTime: 'now' }, 'spans[1].startTime', 'expected microseconds, got "now"'],
    [{ startTime: -1 }, 'spans[1].startTime', 'expected microseconds, got -1'],
    [
      { tags: [{ key: 'n', type: 'int64', value: 'x' }] },
      'spans[1].tags[0].value',
      'expected a 64-bit integer, got "x"',
    ],
    [{ logs: 7 }, 'spans[1].logs', 'expected an array, got 7'],
  ])('with %o in a span goes on without it and says where', async (broken, place, message) => {
    const { spans, report } = await imported(trace(span(), span(broken), span({ spanID: '3' })), {
      chunkBytes: 7,
    });
    expect(spans.map(({ spanId }) => Number(spanId))).toEqual([1, 3]);
    expect(report.problems).toEqual([{ place: `line 1, ${place}`.replace('line 1, ', ''), message }]);
  });
});
