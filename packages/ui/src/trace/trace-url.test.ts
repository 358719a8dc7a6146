import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { colorings } from '../graph/drawn-graph.ts';
import { groupings } from '../graph/trace-graph.ts';
import { parseUrlSearch, printUrlSearch } from '../shell/url-search.ts';
import { parseTraceUrl, printTraceUrl, tabs, type TraceUrl } from './trace-url.ts';

const plain: TraceUrl = {
  tab: 'waterfall',
  span: undefined,
  panel: undefined,
  zoom: undefined,
  fold: undefined,
  find: undefined,
  logRows: false,
  nodes: undefined,
  colors: 'service',
  rows: 'operation',
  order: undefined,
};

describe('the address of a trace', () => {
  it('is bare while nothing is chosen', () => {
    expect(printUrlSearch(printTraceUrl(plain))).toBe('');
    expect(parseTraceUrl({})).toEqual(plain);
  });

  it('names what is chosen', () => {
    const url: TraceUrl = {
      ...plain,
      tab: 'logs',
      span: 'ab~2',
      panel: 'bottom',
      logRows: true,
      find: 'a b',
    };
    expect(printUrlSearch(printTraceUrl(url))).toBe('?span=ab%7E2&panel=bottom&find=a+b&tab=logs&logs=rows');
  });

  it('ignores what it does not know', () => {
    expect(
      parseTraceUrl({ tab: 'flame', panel: 'top', logs: 'yes', span: '', nodes: 'x', colors: 'x' }),
    ).toEqual(plain);
    expect(parseTraceUrl({ span: ['a', 'b'] }).span).toBe('a');
  });

  it('reads what it prints', () => {
    const text = fc.option(fc.string({ minLength: 1 }), { nil: undefined });
    const anyUrl = fc.record<TraceUrl>({
      tab: fc.constantFrom(...tabs),
      span: text,
      panel: fc.constantFrom(undefined, 'side', 'bottom'),
      zoom: text,
      fold: text,
      find: text,
      logRows: fc.boolean(),
      nodes: fc.constantFrom(undefined, ...groupings),
      colors: fc.constantFrom(...colorings),
      rows: fc.constantFrom('operation', 'service'),
      order: text,
    });
    fc.assert(
      fc.property(anyUrl, (url) => {
        expect(parseTraceUrl(parseUrlSearch(printUrlSearch(printTraceUrl(url))))).toEqual(url);
      }),
      { seed: 7 },
    );
  });
});
