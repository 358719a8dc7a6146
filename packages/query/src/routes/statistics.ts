import { createRoute, type OpenAPIHono } from '@hono/zod-openapi';
import { Statistics, StatisticsParameters } from '../api/statistics-schemas.ts';
import type { ApiOptions } from '../options.ts';
import { answers } from './answers.ts';
import { traceQuery } from './search.ts';

const route = createRoute({
  method: 'get',
  path: '/statistics',
  operationId: 'statistics',
  summary: 'Where the time goes in the traces that a search finds, by operation or service',
  description: `Asked as a search is. All spans of these traces count, not only those that match. Self time is a span's
duration without the times that its children cover together within it; a child that begins after its end takes nothing.`,
  request: { query: StatisticsParameters },
  responses: answers(Statistics, 'The rows, those with most self time first.'),
});

export function addStatisticsRoute(app: OpenAPIHono, { store, now = Date.now }: ApiOptions): void {
  app.openapi(route, async (c) => {
    const { group_by: by, ...search } = c.req.valid('query');
    const query = { ...traceQuery(search, now()), by };
    const { rows, ...rest } = await store.statistics(query, { abort: c.req.raw.signal });
    return c.json({ ...rest, rows: [...rows] }, 200);
  });
}
