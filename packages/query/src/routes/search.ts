import { createRoute, type OpenAPIHono } from '@hono/zod-openapi';
import type { TraceQuery } from '@throughline/store';
import { SearchBody, SearchParameters } from '../api/parameters.ts';
import { SearchResult } from '../api/schemas.ts';
import type { SearchQueryInput } from '../api/types.ts';
import { summaryJson } from '../json.ts';
import type { ApiOptions } from '../options.ts';
import { Refusal } from '../problems.ts';
import { answers, notJson } from './answers.ts';
import { lastHour } from './ranges.ts';

const description = `Every condition on spans must hold for one and the same span. Pages follow each other by
\`next_cursor\`; what arrives meanwhile neither repeats traces nor hides them.`;

const get = createRoute({
  method: 'get',
  path: '/traces',
  operationId: 'searchTraces',
  summary: 'Search for traces',
  description,
  request: { query: SearchParameters },
  responses: answers(SearchResult, 'A page of traces.'),
});

const post = createRoute({
  method: 'post',
  path: '/traces/search',
  operationId: 'searchTracesByBody',
  summary: 'Search for traces, with the question in the body',
  description,
  request: { body: { content: { 'application/json': { schema: SearchBody } }, required: true } },
  responses: { ...answers(SearchResult, 'A page of traces.'), 415: notJson },
});

export function addSearchRoutes(app: OpenAPIHono, { store, now = Date.now }: ApiOptions): void {
  const search = async (query: TraceQuery, abort: AbortSignal) => {
    const { traces, nextCursor } = await store.search(query, { abort });
    return {
      traces: traces.map(summaryJson),
      ...(nextCursor !== undefined && { next_cursor: nextCursor }),
    };
  };
  app.openapi(get, async (c) =>
    c.json(await search(traceQuery(c.req.valid('query'), now()), c.req.raw.signal), 200),
  );
  app.openapi(post, async (c) => {
    if (!c.req.header('Content-Type')) throw new Refusal(415, 'Send the question as application/json.');
    return c.json(await search(traceQuery(c.req.valid('json'), now()), c.req.raw.signal), 200);
  });
}

/** The question to the store. */
export function traceQuery(query: SearchQueryInput, nowMs: number): TraceQuery {
  return {
    service: query.service,
    operation: query.operation,
    kind: query.kind,
    status: query.status,
    conditions: query.conditions ?? [],
    text: query.text,
    minDuration: query.min_duration,
    maxDuration: query.max_duration,
    minTraceDuration: query.min_trace_duration,
    maxTraceDuration: query.max_trace_duration,
    ...lastHour(query, nowMs),
    sort: query.sort ?? 'newest',
    limit: query.limit ?? 20,
    cursor: query.cursor,
  };
}
