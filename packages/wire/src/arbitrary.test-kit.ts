import {
  type Attributes,
  type AttributeValue,
  type LogRecord,
  type Resource,
  type Scope,
  type Span,
  type SpanId,
  spanKinds,
  statusCodes,
  type TraceId,
  unixNanos,
} from '@throughline/model';
import fc from 'fast-check';

/** Every property test draws the same cases in every run. */
export const runs = (numRuns: number) => ({ numRuns, seed: 20260101 });

const text = fc.oneof(
  fc.string({ maxLength: 20 }),
  fc.string({ unit: 'grapheme', maxLength: 60 }),
  fc.string({ minLength: 120, maxLength: 140 }),
);
const hex = (digits: number) =>
  fc
    .array(fc.nat(15), { minLength: digits, maxLength: digits })
    .map((nibbles) => nibbles.map((nibble) => nibble.toString(16)).join(''))
    .filter((id) => !/^0+$/.test(id));
const traceId = hex(32).map((id) => id as TraceId);
const spanId = hex(16).map((id) => id as SpanId);
const uint32 = fc.oneof(fc.constant(0), fc.nat(300), fc.nat(0xffff_ffff));
const time = fc.oneof(fc.constant(0n), fc.bigInt(0n, 2n ** 63n - 1n)).map(unixNanos);

const { value } = fc.letrec<{ value: AttributeValue }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 3, depthSize: 'small' },
    text,
    fc.boolean(),
    fc.double(),
    fc.bigInt(-(2n ** 63n), 2n ** 63n - 1n),
    fc.bigInt(-200n, 20_000n),
    fc.uint8Array({ maxLength: 200 }),
    fc.constant(null),
    fc.array(tie('value'), { maxLength: 4 }),
    fc.dictionary(text, tie('value'), { maxKeys: 4, noNullPrototype: true }),
  ),
}));

const attributes: fc.Arbitrary<Attributes> = fc.dictionary(fc.oneof(text, fc.constant('__proto__')), value, {
  maxKeys: 6,
  noNullPrototype: true,
});

const resource: fc.Arbitrary<Resource> = fc.record({
  attributes,
  schemaUrl: text,
  droppedAttributes: uint32,
});

const scope: fc.Arbitrary<Scope> = fc.record({
  name: text,
  version: text,
  attributes,
  schemaUrl: text,
  droppedAttributes: uint32,
});

const span = fc.record({
  traceId,
  spanId,
  parentSpanId: fc.option(spanId, { nil: undefined }),
  traceState: text,
  flags: uint32,
  name: text,
  kind: fc.constantFrom(...spanKinds),
  start: time,
  duration: fc.oneof(fc.constant(0), fc.nat(10_000_000_000)),
  status: fc.constantFrom(...statusCodes),
  statusMessage: text,
  attributes,
  events: fc.array(fc.record({ time, name: text, attributes, droppedAttributes: uint32 }), { maxLength: 3 }),
  links: fc.array(
    fc.record({ traceId, spanId, traceState: text, attributes, droppedAttributes: uint32, flags: uint32 }),
    { maxLength: 3 },
  ),
  droppedAttributes: uint32,
  droppedEvents: uint32,
  droppedLinks: uint32,
});

const logRecord = fc.record({
  time,
  observedTime: time,
  traceId: fc.option(traceId, { nil: undefined }),
  spanId: fc.option(spanId, { nil: undefined }),
  flags: uint32,
  severity: fc.nat(24),
  severityText: text,
  eventName: text,
  body: value,
  attributes,
  droppedAttributes: uint32,
});

/** Items in the order in which they come out of bytes again: by resource, then by scope. */
function grouped<T>(item: fc.Arbitrary<T>): fc.Arbitrary<(T & { resource: Resource; scope: Scope })[]> {
  const scopeGroup = fc.tuple(scope, fc.array(item, { minLength: 1, maxLength: 3 }));
  return fc
    .array(fc.tuple(resource, fc.array(scopeGroup, { minLength: 1, maxLength: 2 })), { maxLength: 2 })
    .map((groups) =>
      groups.flatMap(([ofGroup, scopes]) =>
        scopes.flatMap(([ofScope, items]) =>
          items.map((one) => ({ ...one, resource: ofGroup, scope: ofScope })),
        ),
      ),
    );
}

export const spans: fc.Arbitrary<Span[]> = grouped(span);
export const logRecords: fc.Arbitrary<LogRecord[]> = grouped(logRecord);
