import {
  type Context,
  ROOT_CONTEXT,
  type SpanContext,
  TraceFlags,
  createTraceState,
  propagation,
  trace,
} from '@opentelemetry/api';
import {
  CompositePropagator,
  W3CBaggagePropagator,
  W3CTraceContextPropagator,
  suppressTracing,
} from '@opentelemetry/core';
import { B3InjectEncoding, B3Propagator } from '@opentelemetry/propagator-b3';
import { Metadata } from '@grpc/grpc-js';
import { headers as newNatsHeaders } from '@nats-io/nats-core';
import fc from 'fast-check';
import { headers as oldNatsHeaders } from 'nats';
import { afterEach, beforeAll, describe, expect, test, vi } from 'vitest';
import { extract, inject, injectString } from './propagate.ts';

const traceparent = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';
const sent: SpanContext = {
  traceId: '0af7651916cd43dd8448eb211c80319c',
  spanId: 'b7ad6b7169203331',
  traceFlags: TraceFlags.SAMPLED,
  traceState: createTraceState('shop=1'),
};
const stale = '00-11111111111111111111111111111111-2222222222222222-01';
const context = trace.setSpanContext(ROOT_CONTEXT, sent);
const withUser = propagation.setBaggage(context, propagation.createBaggage({ user: { value: 'ann' } }));

beforeAll(() => {
  propagation.setGlobalPropagator(
    new CompositePropagator({ propagators: [new W3CTraceContextPropagator(), new W3CBaggagePropagator()] }),
  );
});
afterEach(() => vi.unstubAllEnvs());

const carried = (carrier: unknown): string | undefined => {
  const found = trace.getSpanContext(extract(carrier));
  return found && `${found.traceId} ${found.spanId} ${found.traceState?.serialize() ?? ''}`.trim();
};
const ids = `${sent.traceId} ${sent.spanId}`;

const grpcMetadata = (values: Record<string, string>): Metadata => {
  const metadata = new Metadata();
  for (const [key, value] of Object.entries(values)) metadata.set(key, value);
  return metadata;
};

describe('a context is read from', () => {
  const bytes = Buffer.from(traceparent);
  const oldMsgHdrs = oldNatsHeaders();
  oldMsgHdrs.append('Traceparent', traceparent);
  const newMsgHdrs = newNatsHeaders();
  newMsgHdrs.append('traceparent', traceparent);
  const carriers: Record<string, unknown> = {
    headers: { host: 'x', traceparent },
    'headers in capitals': { TRACEPARENT: traceparent },
    'headers whose values are bytes': { traceparent: bytes },
    'headers whose values are lists of bytes': { traceparent: [bytes] },
    'headers whose values are an array of bytes': { traceparent: new TextEncoder().encode(traceparent) },
    Headers: new Headers({ traceparent }),
    'a Map': new Map([['TraceParent', traceparent]]),
    'a Map of bytes': new Map([[Buffer.from('traceparent'), bytes]]),
    'a Map of lists': new Map([['Traceparent', [traceparent]]]),
    'an iterator of entries': Object.entries({ a: 'b', traceparent })[Symbol.iterator](),
    'the NATS headers of nats': oldMsgHdrs,
    'the NATS headers of nats-core': newMsgHdrs,
    'gRPC metadata': grpcMetadata({ traceparent }),
    'something with get': { get: (name: string) => (name === 'Traceparent' ? traceparent : null) },
    'a list of pairs': [['a', 'b', 'c'], ['Traceparent', traceparent], null],
    'a list of bytes in pairs': [[Buffer.from('traceparent'), bytes]],
    'a list of names and values': ['Host', 'x', 'TRACEPARENT', traceparent],
    'a list of names and values in bytes': [Buffer.from('traceparent'), bytes],
    'a list of keys and values': [{ key: 'traceparent', value: bytes }],
    'a list of headers': [{ a: 'b' }, { traceparent: bytes }],
    'an object without a prototype': Object.assign(Object.create(null), { traceparent }),
    "Go's header map": { Traceparent: [traceparent] },
    'the text of an object': JSON.stringify({ traceparent }),
    "the text of Go's header map": JSON.stringify({ Traceparent: [traceparent] }),
    'the text of an object in bytes': Buffer.from(JSON.stringify({ traceparent })),
    'the text of a text': JSON.stringify(JSON.stringify({ traceparent })),
    'the text of a list': JSON.stringify([['traceparent', traceparent]]),
    'an object with much else': {
      traceparent,
      n: 1,
      no: null,
      deep: { traceparent: 'x' },
      list: [1, {}],
      f: () => 1,
    },
  };
  for (const [name, carrier] of Object.entries(carriers))
    test(name, () => expect(carried(carrier)).toBe(ids));

  test('one whose trace state is in several headers', () => {
    expect(carried([...Object.entries({ traceparent, tracestate: 'a=1' }), ['TraceState', 'b=2']])).toBe(
      `${ids} a=1,b=2`,
    );
  });

  test('one that says the same in two spellings', () => {
    const propagator = new W3CTraceContextPropagator();
    const get = vi.spyOn(propagator, 'extract');
    extract({ traceparent, Traceparent: traceparent }, { propagator });
    const [, carrier, getter] = get.mock.calls[0] ?? [];
    expect(getter?.get(carrier, 'traceparent')).toBe(traceparent);
  });
});

describe('nothing is read, and nothing thrown, from', () => {
  const cyclic: Record<string, unknown> = { traceparent: {} };
  cyclic['self'] = cyclic;
  cyclic['traceparent'] = [cyclic];
  const throwing = new Proxy({}, new Proxy({}, { get: () => () => throwAny() }));
  const throwAny = (): never => {
    throw new Error('no');
  };
  function* endless(): Generator<[string, string]> {
    for (;;) yield ['a', 'b'];
  }
  const carriers: Record<string, unknown> = {
    undefined: undefined,
    null: null,
    'a number': 7,
    'a big integer': 7n,
    'a symbol': Symbol('traceparent'),
    'a function': throwAny,
    'a text that is no JSON': traceparent,
    'the text null': 'null',
    'a text with the object cut off': `{"traceparent":"${traceparent}"`,
    'an empty text': '',
    'a huge text': '['.repeat(1_000_000),
    'bytes of nonsense': Buffer.from([0xff, 0xfe, 0]),
    'an empty list': [],
    'a list with holes': Array.from({ length: 3 }),
    'a name without a value': ['traceparent'],
    'a cyclic object': cyclic,
    'a proxy that throws at everything': throwing,
    'an accessor that throws': Object.defineProperty({}, 'traceparent', { get: throwAny, enumerable: true }),
    'a get that throws': { get: throwAny },
    'a get that gives nonsense': { get: () => ({ traceparent }) },
    'an iterator that throws': { [Symbol.iterator]: throwAny },
    'an iterator without an end': endless(),
    'an iterable that is none': { [Symbol.iterator]: 1, traceparent },
    'metadata that is none': { get: () => 1, getMap: () => null },
    'an inherited property': Object.create({ traceparent }),
    'the prototype of a JSON object': JSON.parse(`{"__proto__":{"traceparent":"${traceparent}"}}`),
    'a value that is no text': { traceparent: { toString: () => traceparent } },
    'a number for a value': { traceparent: 17 },
    'a value that is empty': { traceparent: '' },
    'an illegal context': { traceparent: '00-0-0-01' },
    'a context of zeros': { traceparent: `00-${'0'.repeat(32)}-${'0'.repeat(16)}-01` },
    'a context of 10 MB': { traceparent: traceparent.repeat(200_000) },
  };
  const base = ROOT_CONTEXT.setValue(Symbol('base'), 1);
  for (const [name, carrier] of Object.entries(carriers))
    test(name, () => {
      const found = extract(carrier, { context: base });
      expect(trace.getSpanContext(found)).toBeUndefined();
      expect(({} as { traceparent?: string }).traceparent).toBeUndefined();
    });

  test('anything at all', () => {
    const anything = fc.anything({
      withBigInt: true,
      withDate: true,
      withMap: true,
      withNullPrototype: true,
      withSet: true,
      withSparseArray: true,
      withTypedArray: true,
      key: fc.oneof(
        fc.constantFrom(
          'traceparent',
          'TraceState',
          'baggage',
          'get',
          'getMap',
          'key',
          'value',
          '__proto__',
          'length',
        ),
        fc.string(),
      ),
    });
    fc.assert(
      fc.property(fc.oneof(anything, fc.json(), fc.string()), (carrier) => {
        expect(trace.getSpanContext(extract(carrier))).toBeUndefined();
        if (typeof carrier === 'object' && carrier !== null) inject(carrier, { context });
      }),
      { seed: 7, numRuns: 2000 },
    );
  });

  test('a propagator that throws', () => {
    const propagator = {
      inject: throwAny,
      extract: throwAny,
      fields: (): string[] => ['x'],
    };
    expect(extract({ x: '1' }, { propagator, context: base })).toBe(base);
    expect(inject({ x: '1' }, { propagator, context })).toEqual({ x: '1' });
  });
});

test('what is read is added to the context given', () => {
  const key = Symbol('base');
  const found = extract({ traceparent }, { context: ROOT_CONTEXT.setValue(key, 1) });
  expect([found.getValue(key), trace.getSpanContext(found)?.isRemote]).toEqual([1, true]);
});

describe('a context is written into', () => {
  const shop = 'shop=1';
  const written: Record<string, [carrier: object, shown: (carrier: never) => unknown, expected: unknown]> = {
    'an empty object': [{}, (x) => x, { traceparent, tracestate: shop }],
    'an object with old contexts': [
      { a: 'b', Traceparent: [stale], TRACEPARENT: stale, traceState: 'old=1' },
      (x) => x,
      { a: 'b', traceparent, tracestate: shop },
    ],
    Headers: [
      new Headers({ a: 'b', Traceparent: stale }),
      (x) => Object.fromEntries(x),
      { a: 'b', traceparent, tracestate: shop },
    ],
    'a Map': [
      new Map<unknown, unknown>([
        ['Traceparent', stale],
        [Buffer.from('tracestate'), 'old=1'],
        ['a', 'b'],
      ]),
      (x) => [...(x as Map<unknown, unknown>)],
      [
        ['a', 'b'],
        ['traceparent', traceparent],
        ['tracestate', shop],
      ],
    ],
    'gRPC metadata': [
      grpcMetadata({ a: 'b', Traceparent: stale, tracestate: 'old=1' }),
      (x) => (x as Metadata).getMap(),
      { a: 'b', traceparent, tracestate: shop },
    ],
    'an empty list': [[], (x) => x, ['traceparent', traceparent, 'tracestate', shop]],
    'a list of names and values': [
      ['TraceParent', stale, 'a', 'b', 'Tracestate', 'old=1'],
      (x) => x,
      ['a', 'b', 'traceparent', traceparent, 'tracestate', shop],
    ],
    'a list of pairs': [
      [
        ['Traceparent', stale],
        ['a', 'b'],
      ],
      (x) => x,
      [
        ['a', 'b'],
        ['traceparent', traceparent],
        ['tracestate', shop],
      ],
    ],
    'a list of keys and values': [
      [
        { key: 'a', value: 'b' },
        { key: 'Traceparent', value: stale },
      ],
      (x) => x,
      [
        { key: 'a', value: 'b' },
        { key: 'traceparent', value: traceparent },
        { key: 'tracestate', value: shop },
      ],
    ],
    'a list of headers': [
      [{ a: 'b' }, { Traceparent: stale }],
      (x) => x,
      [{ a: 'b' }, { traceparent }, { tracestate: shop }],
    ],
  };
  for (const [name, [carrier, shown, expected]] of Object.entries(written))
    test(name, () => {
      expect(inject(carrier, { context })).toBe(carrier);
      expect(shown(carrier as never)).toEqual(expected);
      expect(carried(carrier)).toBe(`${ids} ${shop}`);
      const once = structuredClone(shown(carrier as never));
      expect(shown(inject(carrier, { context }) as never)).toEqual(once);
    });

  for (const [name, create] of Object.entries({ nats: oldNatsHeaders, 'nats-core': newNatsHeaders }))
    test(`the NATS headers of ${name}`, () => {
      const carrier = create();
      carrier.append('a', 'b');
      carrier.append('Traceparent', stale);
      carrier.append('traceparent', stale);
      inject(carrier, { context });
      expect([...carrier]).toEqual([
        ['a', ['b']],
        ['traceparent', [traceparent]],
        ['tracestate', [shop]],
      ]);
    });

  test("Go's header map, in its case and as lists", () => {
    expect(inject({ traceparent: stale }, { context, canonical: true })).toEqual({
      Traceparent: [traceparent],
      Tracestate: [shop],
    });
    expect(inject(new Map(), { context, canonical: true }).get('Traceparent')).toEqual([traceparent]);
    const msgHdrs = inject(newNatsHeaders(), { context, canonical: true });
    expect([...msgHdrs]).toEqual([
      ['Traceparent', [traceparent]],
      ['Tracestate', [shop]],
    ]);
  });

  test('a text', () => {
    expect(injectString({ context })).toBe(`{"traceparent":"${traceparent}","tracestate":"shop=1"}`);
    expect(carried(injectString({ context }))).toBe(`${ids} shop=1`);
    expect(injectString({ context: ROOT_CONTEXT })).toBe('{}');
  });

  test('no object that cannot be written to, and this does not throw', () => {
    const frozen = Object.freeze({ traceparent: stale });
    expect(inject(frozen, { context })).toEqual({ traceparent: stale });
    expect(inject(Object.freeze([stale]), { context })).toEqual([stale]);
  });

  test('none where there is nothing to write', () => {
    for (const nothing of [ROOT_CONTEXT, suppressTracing(context)] as Context[])
      expect(inject({ Traceparent: stale }, { context: nothing })).toEqual({ Traceparent: stale });
  });

  test('the trace state of an older context is not left under a new one', () => {
    const plain = trace.setSpanContext(ROOT_CONTEXT, { ...sent, traceState: createTraceState() });
    expect(inject({ tracestate: 'old=1' }, { context: plain })).toEqual({ traceparent });
  });

  test('any propagator’s fields', () => {
    const propagator = new B3Propagator({ injectEncoding: B3InjectEncoding.MULTI_HEADER });
    const carrier = inject({ 'X-B3-TraceId': 'old' }, { context, propagator });
    expect(carrier).toEqual({
      'x-b3-traceid': sent.traceId,
      'x-b3-spanid': sent.spanId,
      'x-b3-sampled': '1',
    });
    const upper = Object.entries(carrier).map(([name, value]) => [name.toUpperCase(), value]);
    expect(trace.getSpanContext(extract(upper, { propagator }))).toMatchObject({
      traceId: sent.traceId,
      spanId: sent.spanId,
    });
  });
});

describe('baggage', () => {
  const user = (carrier: unknown): string | undefined =>
    propagation.getBaggage(extract(carrier))?.getEntry('user')?.value;

  test('goes along when asked, by the call or by the variable', () => {
    expect(user(inject({}, { context: withUser }))).toBeUndefined();
    expect(user(inject({}, { context: withUser, baggage: true }))).toBe('ann');
    vi.stubEnv('THROUGHLINE_MESSAGING_BAGGAGE', 'on');
    expect(user(inject({}, { context: withUser }))).toBe('ann');
    expect(user(inject({}, { context: withUser, baggage: false }))).toBeUndefined();
  });

  test('goes along with a propagator that is named', () => {
    const propagator = new W3CBaggagePropagator();
    expect(inject({}, { context: withUser, propagator })).toEqual({ baggage: 'user=ann' });
  });

  test('of the sender’s own is left alone where it is not asked for, and replaced where it is', () => {
    expect(inject({ Baggage: 'a=1' }, { context: withUser })).toMatchObject({ Baggage: 'a=1', traceparent });
    expect(inject({ Baggage: 'a=1' }, { context: withUser, baggage: true })).toEqual({
      traceparent,
      tracestate: 'shop=1',
      baggage: 'user=ann',
    });
  });
});
