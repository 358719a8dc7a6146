import { createRoute, type OpenAPIHono } from '@hono/zod-openapi';
import { OperationsParameters, ServicesParameters } from '../api/parameters.ts';
import { Operations, Services } from '../api/schemas.ts';
import type { ApiOptions } from '../options.ts';
import { answers } from './answers.ts';
import { openRange } from './ranges.ts';

const services = createRoute({
  method: 'get',
  path: '/services',
  operationId: 'services',
  summary: 'All services, by name',
  description: 'Of all time that is stored, or of the minutes that `start` and `end` touch.',
  request: { query: ServicesParameters },
  responses: answers(Services, 'The services.'),
});

const operations = createRoute({
  method: 'get',
  path: '/operations',
  operationId: 'operations',
  summary: 'Span names with their services and kinds, most frequent first',
  request: { query: OperationsParameters },
  responses: answers(Operations, 'The operations.'),
});

export function addCatalogRoutes(app: OpenAPIHono, { store }: ApiOptions): void {
  app.openapi(services, async (c) => {
    const found = await store.services(openRange(c.req.valid('query')), { abort: c.req.raw.signal });
    return c.json({ services: found }, 200);
  });
  app.openapi(operations, async (c) => {
    const { service, limit, ...range } = c.req.valid('query');
    const query = { service, limit, ...openRange(range) };
    return c.json({ operations: await store.operations(query, { abort: c.req.raw.signal }) }, 200);
  });
}
