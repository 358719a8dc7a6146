import { ROOT_CONTEXT, type TraceState, defaultTextMapSetter, trace } from '@opentelemetry/api';
import { suppressTracing } from '@opentelemetry/core';
import { AlwaysOffSampler, AlwaysOnSampler, TracerProvider } from '@opentelemetry/sdk-trace';
import { describe, expect, test } from 'vitest';
import { flagRandomIds } from './random-flag.ts';
import { TraceContextPropagator } from './trace-context.ts';
import { parseTraceState } from './trace-state.ts';

const id = '4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7';
const propagator = new TraceContextPropagator();
type Carrier = Record<string, string | string[]>;
const getter = { get: (carrier: Carrier, key: string) => carrier[key], keys: Object.keys };

/** What comes out of a service into which this went. */
function through(traceparent: string | string[], tracestate: string | string[] = []): Carrier {
  const context = propagator.extract(ROOT_CONTEXT, { traceparent, tracestate }, getter);
  const out: Carrier = {};
  propagator.inject(context, out, defaultTextMapSetter);
  return out;
}

const stateThrough = (...headers: string[]): unknown => through(`00-${id}-01`, headers)['tracestate'];

describe('a traceparent', () => {
  const passed: [given: string, passed: string][] = [
    [`00-${id}-00`, `00-${id}-00`],
    [`00-${id}-01`, `00-${id}-01`],
    [`00-${id}-03`, `00-${id}-03`],
    [`00-${id}-ff`, `00-${id}-03`],
    [`00-${id}-04`, `00-${id}-00`],
    [` \t00-${id}-01\t `, `00-${id}-01`],
    [`cc-${id}-01`, `00-${id}-01`],
    [`cc-${id}-ff-what-will-be`, `00-${id}-03`],
    [`cc-${id}-01-`, `00-${id}-01`],
  ];
  test.each(passed)('%j is passed on as %j', (given, expected) => {
    expect(through(given)).toEqual({ traceparent: expected });
    expect(through([given])).toEqual({ traceparent: expected });
  });

  const refused = [
    '',
    'x',
    `ff-${id}-01`,
    `00-${id}-01-`,
    `00-${id}-01.`,
    `00-${id}-01-more`,
    `cc-${id}-01.more`,
    `cc-${id}-011`,
    `00-${id}-1`,
    `00-${id}-0x`,
    `0-${id}-01`,
    `000-${id}-01`,
    `.0-${id}-01`,
    `00-${id.toUpperCase()}-01`,
    `00-${'0'.repeat(32)}-00f067aa0ba902b7-01`,
    `00-4bf92f3577b34da6a3ce929d0e0e4736-${'0'.repeat(16)}-01`,
    `00-${id}-01, 00-${id}-01`,
    `\u00a000-${id}-01`,
  ];
  test.each(refused)('%j is as good as none', (given) => expect(through(given, 'a=1')).toEqual({}));

  test('that comes twice is as good as none', () => {
    expect(through([`00-${id}-01`, `00-${id}-01`])).toEqual({});
  });

  test('is written without flags that are not known, wherever they come from', () => {
    const [traceId, spanId] = id.split('-') as [string, string];
    const out: Carrier = {};
    const context = trace.setSpanContext(ROOT_CONTEXT, { traceId, spanId, traceFlags: 0xff });
    propagator.inject(context, out, defaultTextMapSetter);
    expect(out).toEqual({ traceparent: `00-${id}-03` });
  });

  test('is not written where tracing is suppressed', () => {
    const context = trace.setSpanContext(suppressTracing(ROOT_CONTEXT), {
      traceId: 'a'.repeat(32),
      spanId: 'b'.repeat(16),
      traceFlags: 1,
    });
    const out: Carrier = {};
    propagator.inject(context, out, defaultTextMapSetter);
    expect(out).toEqual({});
  });
});

describe('a tracestate', () => {
  const members = (count: number): string => Array.from({ length: count }, (_, i) => `k${i}=${i}`).join(',');
  const kept: [given: string, passed: string][] = [
    ['foo=1,bar=2', 'foo=1,bar=2'],
    ['foo=1 \t , \t bar=2\t', 'foo=1,bar=2'],
    ['foo=  1', 'foo=  1'],
    [',foo=1, ,\t,bar=2,', 'foo=1,bar=2'],
    ['tenant@system=1,1foo@=2,f@@b=3', 'tenant@system=1,1foo@=2,f@@b=3'],
    ['a0_-*/@=!"#$%&\'()*+-./:;<>?@[]^_`{|}~', 'a0_-*/@=!"#$%&\'()*+-./:;<>?@[]^_`{|}~'],
    [`${'z'.repeat(256)}=${'v'.repeat(256)}`, `${'z'.repeat(256)}=${'v'.repeat(256)}`],
    ['foo=1,bar=2,foo=3', 'foo=1,bar=2'],
    [members(32), members(32)],
    [`${members(32)},, ,`, members(32)],
  ];
  test.each(kept)('%j is passed on as %j', (given, expected) => expect(stateThrough(given)).toBe(expected));

  const dropped = [
    '',
    ' , ,',
    'foo',
    'foo=',
    'foo=,bar=2',
    '=1',
    'foo=bar=baz',
    'foo =1',
    'FOO=1',
    'foo.bar=1',
    '@foo=1,bar=2',
    '_foo=1',
    `foo=1,${'z'.repeat(257)}=1`,
    `foo=${'v'.repeat(257)}`,
    'foo=\u00e9',
    '\u00a0foo=1',
    'foo=a\tb',
    members(33),
  ];
  test.each(dropped)('%j is dropped as a whole', (given) => expect(stateThrough(given)).toBeUndefined());

  test('in several headers is one', () => {
    expect(stateThrough('a=1', '', 'b=2,c=3')).toBe('a=1,b=2,c=3');
    expect(stateThrough(members(32), 'k32=1')).toBeUndefined();
  });

  test('gets what is set in front, and never a 33rd member', () => {
    const state = parseTraceState('a=1,b=2') as TraceState;
    expect(state.set('b', '3').serialize()).toBe('b=3,a=1');
    expect(state.set('c', '3').set('a', 'x').serialize()).toBe('a=x,c=3,b=2');
    expect(state.unset('a').serialize()).toBe('b=2');
    expect(state.set('C', '3').set('c', 'a,b').serialize()).toBe('a=1,b=2');
    expect(state.get('a')).toBe('1');
    const full = (parseTraceState(members(32)) as TraceState).set('new', '1').serialize();
    expect(full).toBe(`new=1,${members(31)}`);
  });
});

describe('the random flag', () => {
  const flags = (options: {
    root?: boolean;
    parent?: number;
    record?: boolean;
    random?: boolean;
  }): number => {
    const sampler = options.record === false ? new AlwaysOffSampler() : new AlwaysOnSampler();
    const provider = new TracerProvider({ sampler });
    flagRandomIds(provider, options.random ?? true);
    const [traceId, spanId] = id.split('-') as [string, string];
    const parent =
      options.parent === undefined
        ? ROOT_CONTEXT
        : trace.setSpanContext(ROOT_CONTEXT, { traceId, spanId, traceFlags: options.parent });
    // The second time, the tracer is one that was given out before.
    provider.getTracer('test');
    return provider
      .getTracer('test')
      .startActiveSpan(
        'span',
        { root: options.root ?? false },
        parent,
        (span) => span.spanContext().traceFlags,
      );
  };

  test('is set on spans that begin a trace, recorded or not', () => {
    expect(flags({})).toBe(3);
    expect(flags({ record: false })).toBe(2);
    expect(flags({ parent: 1, root: true })).toBe(3);
  });

  test('is not set where ids are made by other means', () => {
    expect(flags({ random: false })).toBe(1);
    expect(flags({ random: false, parent: 3 })).toBe(3);
  });

  test('is that of the parent on all others', () => {
    expect(flags({ parent: 1 })).toBe(1);
    expect(flags({ parent: 3 })).toBe(3);
    expect(flags({ parent: 2, record: false })).toBe(2);
    expect(flags({ parent: 0, record: false })).toBe(0);
  });

  test('is not set on the span that stands for none', () => {
    const provider = new TracerProvider({});
    flagRandomIds(provider, true);
    const span = provider.getTracer('test').startSpan('span', {}, suppressTracing(ROOT_CONTEXT));
    expect(span.spanContext().traceFlags).toBe(0);
  });
});
