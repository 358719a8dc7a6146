import { serviceOf, type AttributeValue, type Span } from '@throughline/model';
import type { AttributeCondition, SortOrder, SpanQuery, TraceQuery, TraceSummary } from '../trace-query.ts';

/** The slow twin of the search: all pages of it at once, by looking at every span. */
export function plainSearch(spans: readonly Span[], query: TraceQuery): Omit<TraceSummary, 'received'>[] {
  const traces = new Map<string, Span[]>();
  for (const span of spans) traces.set(span.traceId, [...(traces.get(span.traceId) ?? []), span]);
  return [...traces.values()]
    .map((ofTrace) => summaryOf(ofTrace, query))
    .filter(
      ({ start, duration, matched }) =>
        matched > 0 &&
        start >= query.start &&
        start < query.end &&
        duration >= (query.minTraceDuration ?? -Infinity) &&
        duration <= (query.maxTraceDuration ?? Infinity),
    )
    .sort((a, b) => compare(a, b, query.sort) || (a.traceId < b.traceId ? -1 : 1));
}

function compare(a: Sortable, b: Sortable, sort: SortOrder): number {
  switch (sort) {
    case 'newest':
      return Number(b.start - a.start);
    case 'oldest':
      return Number(a.start - b.start);
    case 'longest':
      return b.duration - a.duration;
    case 'shortest':
      return a.duration - b.duration;
    case 'most_spans':
      return b.spans - a.spans;
    case 'most_errors':
      return b.errors - a.errors;
  }
}

type Sortable = Pick<TraceSummary, 'start' | 'duration' | 'spans' | 'errors'>;

function summaryOf(spans: readonly Span[], query: SpanQuery): Omit<TraceSummary, 'received'> {
  const byStart = spans.toSorted((a, b) => Number(a.start - b.start));
  const roots = byStart.filter(({ parentSpanId }) => parentSpanId === undefined);
  const root = roots[0] ?? byStart[0]!;
  const { start } = byStart[0]!;
  const ends = spans.map((span) => Number(span.start - start) + Math.max(0, span.duration));
  const services = new Map<string, { name: string; spans: number; errors: number; duration: number }>();
  for (const span of spans) {
    const name = serviceOf(span.resource);
    const share = services.get(name) ?? { name, spans: 0, errors: 0, duration: 0 };
    share.spans++;
    share.errors += span.status === 'error' ? 1 : 0;
    share.duration += span.duration;
    services.set(name, share);
  }
  return {
    traceId: root.traceId,
    start,
    duration: Math.max(...ends),
    rootService: serviceOf(root.resource),
    rootOperation: root.name,
    hasRoot: roots.length > 0,
    spans: spans.length,
    errors: spans.filter(({ status }) => status === 'error').length,
    services: [...services.values()].sort((a, b) => b.spans - a.spans || (a.name < b.name ? -1 : 1)),
    matched: spans.filter((span) => matches(span, query)).length,
  };
}

function matches(span: Span, query: SpanQuery): boolean {
  const { service, operation, kind, status, minDuration, maxDuration, text } = query;
  return (
    (service === undefined || serviceOf(span.resource) === service) &&
    (operation === undefined || span.name === operation) &&
    (kind === undefined || span.kind === kind) &&
    (status === undefined || span.status === status) &&
    (minDuration === undefined || span.duration >= minDuration) &&
    (maxDuration === undefined || span.duration <= maxDuration) &&
    query.conditions.every((condition) => holds(span, condition)) &&
    (text === undefined || text === '' || hasText(span, text))
  );
}

function hasText(span: Span, text: string): boolean {
  const texts = Object.values(span.attributes).filter((value) => typeof value === 'string');
  return [span.name, span.statusMessage, ...texts].some((each) => containsText(each, text));
}

function containsText(value: string, text: string): boolean {
  return value.toLowerCase().includes(text.toLowerCase());
}

function holds(span: Span, condition: AttributeCondition): boolean {
  const { scope, key } = condition;
  return (
    (scope !== 'resource' && key in span.attributes && compares(span.attributes[key]!, condition)) ||
    (scope !== 'span' &&
      key in span.resource.attributes &&
      compares(span.resource.attributes[key]!, condition))
  );
}

function compares(value: AttributeValue, { op, value: wanted = '' }: AttributeCondition): boolean {
  const text = String(wanted);
  const number = /^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?$/.test(text) ? Number(text) : undefined;
  const isNumber = typeof value === 'number' || typeof value === 'bigint';
  const equal =
    typeof value === 'string'
      ? value === text
      : typeof value === 'boolean'
        ? String(value) === text
        : isNumber && number !== undefined && Number(value) === number;
  switch (op) {
    case 'exists':
      return true;
    case '=':
      return equal;
    case '!=':
      return !equal;
    case 'contains':
      return typeof value === 'string' && containsText(value, text);
    case '<':
    case '<=':
    case '>':
    case '>=': {
      if (number !== undefined) return isNumber && ordered(Number(value), number, op);
      return typeof value === 'string' && ordered(value, text, op);
    }
  }
}

function ordered<T extends string | number>(a: T, b: T, op: '<' | '<=' | '>' | '>='): boolean {
  return op === '<' ? a < b : op === '<=' ? a <= b : op === '>' ? a > b : a >= b;
}
