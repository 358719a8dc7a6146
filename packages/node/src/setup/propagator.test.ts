import {
  type Context,
  ROOT_CONTEXT,
  defaultTextMapGetter,
  defaultTextMapSetter,
  propagation,
  trace,
} from '@opentelemetry/api';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { propagatorFromEnv } from './propagator.ts';

afterEach(() => vi.unstubAllEnvs());

const traceId = '4bf92f3577b34da6a3ce929d0e0e4736';
const spanId = '00f067aa0ba902b7';
type Headers = Record<string, string>;

/** A span whose flags are sampled and random, with one entry of baggage. */
const sent = (traceFlags = 3): Context =>
  propagation.setBaggage(
    trace.setSpanContext(ROOT_CONTEXT, { traceId, spanId, traceFlags }),
    propagation.createBaggage({ user: { value: 'ann' } }),
  );

function inject(names: string, context = sent()): Headers {
  vi.stubEnv('OTEL_PROPAGATORS', names);
  const headers: Headers = {};
  propagatorFromEnv().inject(context, headers, defaultTextMapSetter);
  return headers;
}

function extract(names: string, headers: Headers): unknown {
  vi.stubEnv('OTEL_PROPAGATORS', names);
  const context = propagatorFromEnv().extract(ROOT_CONTEXT, headers, defaultTextMapGetter);
  const span = trace.getSpanContext(context);
  const user = propagation.getBaggage(context)?.getEntry('user')?.value;
  return {
    ...(span && { span: `${span.traceId} ${span.spanId} ${span.traceFlags}` }),
    ...(user && { user }),
  };
}

const sampled = `${traceId} ${spanId} 1`;

describe('each propagator writes the headers that its owner documents, and reads them again:', () => {
  const documented: [name: string, headers: Headers, found: unknown][] = [
    ['tracecontext', { traceparent: `00-${traceId}-${spanId}-03` }, { span: `${traceId} ${spanId} 3` }],
    ['baggage', { baggage: 'user=ann' }, { user: 'ann' }],
    ['b3', { b3: `${traceId}-${spanId}-1` }, { span: sampled }],
    ['b3multi', { 'x-b3-traceid': traceId, 'x-b3-spanid': spanId, 'x-b3-sampled': '1' }, { span: sampled }],
    [
      'jaeger',
      { 'uber-trace-id': `${traceId}:${spanId}:0:01`, 'uberctx-user': 'ann' },
      { span: sampled, user: 'ann' },
    ],
    [
      'xray',
      { 'x-amzn-trace-id': `Root=1-4bf92f35-77b34da6a3ce929d0e0e4736;Parent=${spanId};Sampled=1` },
      { span: sampled },
    ],
    [
      'ottrace',
      {
        'ot-tracer-traceid': traceId.slice(16),
        'ot-tracer-spanid': spanId,
        'ot-tracer-sampled': 'true',
        'ot-baggage-user': 'ann',
      },
      { span: `${'0'.repeat(16)}${traceId.slice(16)} ${spanId} 1`, user: 'ann' },
    ],
  ];
  test.each(documented)('%s', (name, headers, found) => {
    expect(inject(name)).toEqual(headers);
    expect(extract(name, headers)).toEqual(found);
  });
});

describe('each propagator reads the other spellings that its owner documents:', () => {
  const short = 'a3ce929d0e0e4736';
  const spelt: [name: string, headers: Headers, found: unknown][] = [
    ['b3', { b3: `${traceId}-${spanId}-d-05e3ac9a4f6e3b90` }, { span: sampled }],
    ['b3', { b3: `${short}-${spanId}-0` }, { span: `${short.padStart(32, '0')} ${spanId} 0` }],
    ['b3', { 'x-b3-traceid': traceId, 'x-b3-spanid': spanId, 'x-b3-sampled': '1' }, { span: sampled }],
    ['b3multi', { 'x-b3-traceid': traceId, 'x-b3-spanid': spanId, 'x-b3-flags': '1' }, { span: sampled }],
    ['jaeger', { 'uber-trace-id': `${traceId}%3A${spanId}%3A0%3A3` }, { span: sampled }],
    [
      'jaeger',
      { 'uber-trace-id': `${short}:1:0:0` },
      { span: `${short.padStart(32, '0')} 0000000000000001 0` },
    ],
    [
      'xray',
      {
        'x-amzn-trace-id': `Self=1-67891234-12456789abcdef012345678;Root=1-4bf92f35-77b34da6a3ce929d0e0e4736;Parent=${spanId};Sampled=0`,
      },
      { span: `${traceId} ${spanId} 0` },
    ],
  ];
  test.each(spelt)('%s %o', (name, headers, found) => expect(extract(name, headers)).toEqual(found));
});

test('several propagators write all of their headers, and the last that finds a span wins', () => {
  const headers = inject('tracecontext,b3,b3,baggage');
  expect(Object.keys(headers)).toEqual(['traceparent', 'b3', 'baggage']);
  headers['b3'] = `${traceId}-0000000000000001-1`;
  expect(extract('tracecontext,b3', headers)).toEqual({ span: `${traceId} 0000000000000001 1` });
  expect(extract('b3,tracecontext', headers)).toEqual({ span: `${traceId} ${spanId} 3` });
});

test('a propagator that cannot read its header leaves the span that another found', () => {
  const headers = {
    ...inject('tracecontext'),
    'uber-trace-id': 'x:y:0:1',
    b3: 'no',
    'x-amzn-trace-id': 'Root=2',
  };
  expect(extract('tracecontext,jaeger,b3,xray,ottrace', headers)).toEqual({ span: `${traceId} ${spanId} 3` });
});

test('a trace that is not sampled is said not to be in every format', () => {
  expect(inject('tracecontext,b3,b3multi,jaeger,xray,ottrace', sent(2))).toMatchObject({
    traceparent: expect.stringMatching(/-02$/),
    b3: expect.stringMatching(/-0$/),
    'x-b3-sampled': '0',
    'uber-trace-id': expect.stringMatching(/:00$/),
    'x-amzn-trace-id': expect.stringMatching(/Sampled=0$/),
    'ot-tracer-sampled': 'false',
  });
});

test('none is none, whatever else is named', () => {
  expect(inject('none')).toEqual({});
  expect(inject('tracecontext,none')).toEqual({});
});
