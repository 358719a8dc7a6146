import { SpanKind, type SpanContext, TraceFlags, createTraceState } from '@opentelemetry/api';
import type { InstrumentationScope } from '@opentelemetry/core';
import { ProtobufTraceSerializer } from '@opentelemetry/otlp-transformer';
import { type Resource, resourceFromAttributes } from '@opentelemetry/resources';
import { type ReadableSpan, TracerProvider } from '@opentelemetry/sdk-trace';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { referenceDecode, referenceJson } from '../../../wire/src/otlp.test-kit.ts';
import { requestJson } from './request-json.ts';
import { SpanBatch } from './span-batch.ts';

/** Code units of every kind, with pairs of surrogates and halves of them. */
const anyText = fc
  .array(fc.oneof(fc.nat(0x7f), fc.nat(0xffff), fc.integer({ min: 0xd7f0, max: 0xe010 })), { maxLength: 80 })
  .map((codes) => String.fromCharCode(...codes));
const text = fc.oneof(fc.string({ maxLength: 30 }), fc.string({ minLength: 100, maxLength: 300 }), anyText);
const hex = (bytes: number) =>
  fc.uint8Array({ minLength: bytes, maxLength: bytes }).map((id) => Buffer.from(id).toString('hex'));
const number = fc.oneof(
  fc.integer({ min: -200, max: 20_000 }),
  fc.maxSafeInteger(),
  fc.double(),
  fc.constantFrom(
    -0,
    2 ** 53,
    2 ** 62,
    -(2 ** 63),
    2 ** 63,
    2 ** 64,
    -1,
    Infinity,
    NaN,
    127,
    128,
    2 ** 31,
    2 ** 32,
  ),
);
const { value } = fc.letrec<{ value: unknown }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 3, depthSize: 'small' },
    text,
    number,
    fc.boolean(),
    fc.uint8Array({ maxLength: 300 }),
    fc.constantFrom(null, undefined),
    fc.array(tie('value'), { maxLength: 5 }),
    fc.dictionary(text, tie('value'), { maxKeys: 5, noNullPrototype: true }),
  ),
}));
const attributes = fc.dictionary(text, value, { maxKeys: 20, noNullPrototype: true });
const count = fc.oneof(fc.constant(0), fc.nat(300), fc.nat(0xffff_ffff));
const time = fc.tuple(fc.nat(18_446_744_072), fc.nat(999_999_999));
const context = fc.record(
  {
    traceId: hex(16),
    spanId: hex(8),
    traceFlags: fc.nat(255),
    isRemote: fc.boolean(),
    traceState: fc.constantFrom('a=1', 'vendor=x,other@y=z', '').map((state) => createTraceState(state)),
  },
  { requiredKeys: ['traceId', 'spanId', 'traceFlags'] },
) as fc.Arbitrary<SpanContext>;
const resources: Resource[] = [
  resourceFromAttributes(
    { 'service.name': 'shop', 'process.pid': 4711 },
    { schemaUrl: 'https://schema.example/1' },
  ),
  resourceFromAttributes({}),
];
const scopes: InstrumentationScope[] = [
  { name: 'http', version: '1.2.3', schemaUrl: 'https://schema.example/2' },
  { name: '' },
  { name: 'ключ', attributes: { own: true }, droppedAttributesCount: 3 } as InstrumentationScope,
];
const span = fc
  .record({
    name: text,
    kind: fc.constantFrom(0, 1, 2, 3, 4),
    own: context,
    parentSpanContext: fc.option(context, { nil: undefined }),
    startTime: time,
    endTime: time,
    attributes,
    droppedAttributesCount: count,
    events: fc.array(fc.record({ name: text, time, attributes, droppedAttributesCount: count }), {
      maxLength: 3,
    }),
    droppedEventsCount: count,
    links: fc.array(
      fc.record({ context, attributes, droppedAttributesCount: count }, { requiredKeys: ['context'] }),
      { maxLength: 3 },
    ),
    droppedLinksCount: count,
    status: fc.record({ code: fc.constantFrom(0, 1, 2), message: text }, { requiredKeys: ['code'] }),
    resource: fc.constantFrom(...resources),
    instrumentationScope: fc.constantFrom(...scopes),
  })
  .map(({ own, ...rest }) => ({ ...rest, spanContext: () => own }) as unknown as ReadableSpan);

function ours(spans: readonly ReadableSpan[], batch = new SpanBatch()): unknown {
  for (const each of spans) batch.add(each);
  return normal(referenceDecode('TracesData', batch.cut().body));
}

const theirs = (spans: readonly ReadableSpan[]): unknown =>
  normal(referenceDecode('TracesData', ProtobufTraceSerializer.serializeRequest([...spans])!));

/** Without what says no more than that it is not there: counts of zero, and a status that was not set. */
function normal(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(normal);
  if (value instanceof Uint8Array) return Buffer.from(value).toString('hex');
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).map(([key, inner]) => [key, sorted(key, normal(inner))] as const);
  return Object.fromEntries(
    entries.filter(([key, inner]) => {
      if (/^dropped.*Count$/.test(key) || (key === 'code' && inner === 0)) return inner !== 0;
      return !(key === 'status' && Object.keys(inner as object).length === 0);
    }),
  );
}

/** Scopes and resources come in no certain order. */
const sorted = (key: string, value: unknown): unknown =>
  ['resourceSpans', 'scopeSpans'].includes(key)
    ? (value as object[]).toSorted((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1))
    : value;

test('a decoder sees the same in a request of ours and of the official serializer', () => {
  const batch = new SpanBatch();
  fc.assert(
    fc.property(fc.array(span, { minLength: 1, maxLength: 8 }), (spans) => {
      expect(ours(spans, batch)).toEqual(theirs(spans));
    }),
    { numRuns: 250, seed: 20260101 },
  );
});

/** The reference leaves out what has its default value, but for the values of attributes. */
const withoutZeros = (key: string, value: unknown): unknown =>
  (value === '' || value === '0') && !key.endsWith('Value') ? undefined : value;

test('as JSON a request says the same', () => {
  fc.assert(
    fc.property(fc.array(span, { minLength: 1, maxLength: 5 }), (spans) => {
      const batch = new SpanBatch();
      for (const each of spans) batch.add(each);
      const { body } = batch.cut();
      const json: unknown = JSON.parse(requestJson(body).toString(), withoutZeros);
      expect(json).toEqual(JSON.parse(JSON.stringify(referenceJson('TracesData', body)), withoutZeros));
    }),
    { numRuns: 100, seed: 20260102 },
  );
});

test('a span of the SDK is the same too, whatever it has', () => {
  const ended: ReadableSpan[] = [];
  const provider = new TracerProvider({
    spanProcessors: [
      {
        onStart: () => {},
        onEnd: (each) => void ended.push(each),
        forceFlush: async () => {},
        shutdown: async () => {},
      },
    ],
  });
  const remote: SpanContext = {
    traceId: 'a'.repeat(32),
    spanId: 'b'.repeat(16),
    traceFlags: TraceFlags.SAMPLED,
    isRemote: true,
  };
  const tracer = provider.getTracer('test', '1', { schemaUrl: 'https://schema.example/3' });
  const some = tracer.startSpan('GET', {
    kind: SpanKind.CLIENT,
    links: [{ context: remote, attributes: { n: [1, 2.5] } }],
  });
  some.setAttributes({ list: ['a', 'ü', '\ud800'], numbers: [1, -1, 0.5], flags: [true, false], empty: [] });
  some.recordException(new Error('no ☃'));
  some.setStatus({ code: 2, message: 'bad' });
  some.end();
  expect(ours(ended)).toEqual(theirs(ended));
  expect(JSON.stringify(ours(ended))).toContain('\ufffd');
});

test('a buffer that was used for long spans is used again for short ones', () => {
  const batch = new SpanBatch();
  const [first] = fc.sample(span, { numRuns: 1, seed: 7 });
  const long = { ...first!, name: 'x'.repeat(3_000_000) };
  expect(ours([long], batch)).toEqual(theirs([long]));
  expect(ours([first!], batch)).toEqual(theirs([first!]));
  expect([batch.spans, batch.bytes]).toEqual([0, 0]);
});

test('what is no span leaves no trace in the request', () => {
  const batch = new SpanBatch();
  const [good] = fc.sample(span, { numRuns: 1, seed: 8 });
  const bad = { ...good!, links: [{ context: undefined }] } as unknown as ReadableSpan;
  batch.add(good!);
  expect(() => batch.add(bad)).toThrow(TypeError);
  expect(ours([good!], batch)).toEqual(theirs([good!, good!]));
});
