import { ROOT_CONTEXT, TraceFlags, propagation, trace } from '@opentelemetry/api';
import { W3CTraceContextPropagator } from '@opentelemetry/core';
import fc from 'fast-check';
import { beforeAll, describe, expect, test } from 'vitest';
import { extract } from '../propagate.ts';
import { type Envelope, open, seal } from './envelope.ts';

const traceparent = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';
const context = trace.setSpanContext(ROOT_CONTEXT, {
  traceId: '0af7651916cd43dd8448eb211c80319c',
  spanId: 'b7ad6b7169203331',
  traceFlags: TraceFlags.SAMPLED,
});

beforeAll(() => {
  propagation.setGlobalPropagator(new W3CTraceContextPropagator());
});

const sealed = (message: string | Uint8Array, envelope: Envelope = 'member'): string | Buffer =>
  seal(message, envelope, { context });
const spanIn = (message: string | Buffer): string | undefined =>
  trace.getSpanContext(extract(open(message).carrier))?.spanId;

describe('a message that is a JSON object', () => {
  test('carries the context as one more member', () => {
    expect(sealed('{"order":7}')).toBe(`{"order":7,"_otel":{"traceparent":"${traceparent}"}}`);
    expect(sealed('{ }')).toBe(`{ "_otel":{"traceparent":"${traceparent}"}}`);
  });

  const texts = [
    '{}',
    ' {\n}\n',
    '{"a":1}',
    '{ "a" : 1e2, "b": "}" }\r\n',
    '{"a":{"_otel":{}}}',
    '{"n":12345678901234567890}',
  ];
  for (const text of texts)
    test(`is handed over as it was: ${JSON.stringify(text)}`, () => {
      const message = sealed(text);
      expect(open(message).message).toBe(text);
      expect(spanIn(message)).toBe('b7ad6b7169203331');
      expect(open(Buffer.from(message as string)).message).toEqual(Buffer.from(text));
    });

  test('is handed over without the member where somebody has written it anew', () => {
    const message = JSON.stringify(JSON.parse(sealed('{"order":7}') as string), null, 2);
    expect(open(message).message).toBe('{"order":7}');
    const reordered = `{"_otel":{"Traceparent":["${traceparent}"]},"order":7}`;
    expect(open(reordered).message).toBe('{"order":7}');
    expect(spanIn(reordered)).toBe('b7ad6b7169203331');
  });

  test('goes as it is where it has such a member, or where there is no context', () => {
    for (const text of ['{"_otel":1}', '{"_text":"x"}', '{"_base64":"x"}']) expect(sealed(text)).toBe(text);
    expect(seal('{"order":7}', 'member', { context: ROOT_CONTEXT })).toBe('{"order":7}');
  });
});

test('other texts, and bytes, go as they are', () => {
  for (const text of ['', 'hello', '7', '[1]', '"{}"', '{', '{"a":1', '{a:1}']) {
    expect(sealed(text)).toBe(text);
    expect(open(text)).toEqual({ message: text });
  }
  for (const anything of [7, null, undefined]) expect(sealed(anything as never, 'wrap')).toBe(anything);
  const bytes = new Uint8Array([123, 255, 0, 125]);
  expect(sealed(bytes)).toEqual(Buffer.from(bytes));
  expect(sealed(bytes, 'go')).toEqual(Buffer.from(bytes));
});

test('any text is handed over as it was, in every form', () => {
  const text = fc.oneof(
    fc.string({ unit: 'binary' }),
    fc.json(),
    fc.object().map((o) => JSON.stringify(o)),
  );
  fc.assert(
    fc.property(text, fc.constantFrom<Envelope>('member', 'wrap', 'go'), (published, envelope) => {
      expect(open(sealed(published, envelope)).message).toBe(published);
    }),
    { seed: 7, numRuns: 300 },
  );
});

test('a wrapped message carries a context with any text and any bytes', () => {
  expect(sealed('hello', 'wrap')).toBe(`{"_otel":{"traceparent":"${traceparent}"},"_text":"hello"}`);
  const bytes = Buffer.from([0, 255, 128]);
  const message = sealed(bytes, 'wrap');
  expect(open(message).message).toEqual(bytes);
  expect(spanIn(message)).toBe('b7ad6b7169203331');
  expect(open(Buffer.from(message as string)).message).toEqual(bytes);
});

describe("Go's form", () => {
  test('is a body and a header map', () => {
    expect(sealed('hello, world', 'go')).toBe(
      `{"Body":"hello, world","Header":{"Traceparent":["${traceparent}"]}}`,
    );
  });

  for (const header of [`{"Traceparent":["${traceparent}"]}`, `{"traceparent":"${traceparent}"}`])
    test(`is read with the header ${header}`, () => {
      const message = `{"Header": ${header}, "Body": "hello, world"}`;
      expect(open(message).message).toBe('hello, world');
      expect(spanIn(message)).toBe('b7ad6b7169203331');
    });

  test('may have no header, and a body that is no text', () => {
    expect(open('{"Body":{"order":7},"Header":null}')).toEqual({
      message: '{"order":7}',
      carrier: undefined,
    });
  });

  test('is not seen where there is more, or something else', () => {
    for (const text of ['{"Body":"x","Header":{},"Id":7}', '{"Body":"x","Header":"y"}', '{"Header":{}}'])
      expect(open(text)).toEqual({ message: text });
  });
});

test('something that is nearly an envelope is a message', () => {
  for (const text of [
    '{"_otel":7}',
    '{"_otel":null,"a":1}',
    '{"_otel":[],"_text":"x"}',
    '"_otel"',
    '{"_otel"',
  ])
    expect(open(text)).toEqual({ message: text });
});
