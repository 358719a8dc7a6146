import { createRoute, type OpenAPIHono, z } from '@hono/zod-openapi';
import { FindParameters, NoParameters, SpanParameters, SpanPath, TracePath } from '../api/parameters.ts';
import { FoundSpans, LogRecord, SpanDetails, Timeline, Trace } from '../api/schemas.ts';
import { logJson, spanDetailsJson, timelineJson, traceJson } from '../json.ts';
import type { ApiOptions } from '../options.ts';
import { Refusal } from '../problems.ts';
import { answers, notFound } from './answers.ts';

const trace = createRoute({
  method: 'get',
  path: '/traces/{trace_id}',
  operationId: 'trace',
  summary: 'A whole trace: spans, links in both directions, log records, warnings',
  request: { params: TracePath, query: NoParameters },
  responses: { ...answers(Trace, 'The trace.'), 404: notFound },
});

const timeline = createRoute({
  method: 'get',
  path: '/traces/{trace_id}/timeline',
  operationId: 'timeline',
  summary: 'A whole trace as columns, for drawing',
  request: { params: TracePath, query: NoParameters },
  responses: { ...answers(Timeline, 'The trace as columns.'), 404: notFound },
});

const span = createRoute({
  method: 'get',
  path: '/traces/{trace_id}/spans/{span_id}',
  operationId: 'span',
  summary: 'One span with all that is known of it',
  request: { params: SpanPath, query: SpanParameters },
  responses: { ...answers(SpanDetails, 'The span.'), 404: notFound },
});

const find = createRoute({
  method: 'get',
  path: '/traces/{trace_id}/find',
  operationId: 'findInTrace',
  summary: 'Spans of a trace that have a text anywhere',
  description:
    'Looks in names, services, kinds, ids, status messages, scopes, attributes (as `key=value`), events and links.',
  request: { params: TracePath, query: FindParameters },
  responses: { ...answers(FoundSpans, 'Their ids, by start.'), 404: notFound },
});

const Logs = z.object({ logs: z.array(LogRecord) });
const logs = createRoute({
  method: 'get',
  path: '/traces/{trace_id}/logs',
  operationId: 'logsOfTrace',
  summary: 'The log records of a trace, by time',
  description: 'Records may be there before the spans are, or without any.',
  request: { params: TracePath, query: NoParameters },
  responses: answers(Logs, 'The log records; at most 10,000.'),
});

export function addTraceRoutes(app: OpenAPIHono, { store }: ApiOptions): void {
  app.openapi(timeline, async (c) => {
    const { trace_id } = c.req.valid('param');
    return c.json(timelineJson(there(await store.timeline(trace_id, { abort: c.req.raw.signal }))), 200);
  });
  app.openapi(span, async (c) => {
    const { trace_id, span_id } = c.req.valid('param');
    const { nth } = c.req.valid('query');
    const found = await store.span(trace_id, span_id, { abort: c.req.raw.signal, nth });
    return c.json(spanDetailsJson(there(found, 'span')), 200);
  });
  app.openapi(find, async (c) => {
    const { trace_id } = c.req.valid('param');
    const found = await store.find(trace_id, c.req.valid('query').q, { abort: c.req.raw.signal });
    return c.json({ span_ids: there(found) }, 200);
  });
  app.openapi(logs, async (c) => {
    const found = await store.logs(c.req.valid('param').trace_id, { abort: c.req.raw.signal });
    return c.json({ logs: found.map(logJson) }, 200);
  });
  app.openapi(trace, async (c) => {
    const { trace_id } = c.req.valid('param');
    return c.json(traceJson(there(await store.trace(trace_id, { abort: c.req.raw.signal }))), 200);
  });
}

function there<T>(found: T | undefined, what = 'trace'): T {
  if (found === undefined) throw new Refusal(404, `No ${what} with this id is stored.`);
  return found;
}
