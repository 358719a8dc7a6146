import { createRoute, type OpenAPIHono, z } from '@hono/zod-openapi';
import { NoParameters } from '../api/parameters.ts';
import type { ApiOptions } from '../options.ts';
import { Refusal } from '../problems.ts';
import { answers, forbidden } from './answers.ts';

const Deleted = z.object({ deleted: z.literal(true) });
const route = createRoute({
  method: 'delete',
  path: '/data',
  operationId: 'deleteData',
  summary: 'Delete everything that is stored',
  description: 'Only where the server was started with --allow-purge.',
  request: { query: NoParameters },
  responses: { ...answers(Deleted, 'All is deleted.'), 403: forbidden },
});

export function addDataRoutes(app: OpenAPIHono, { store, allowPurge }: ApiOptions): void {
  app.openapi(route, async (c) => {
    if (!allowPurge) throw new Refusal(403, 'The server was started without --allow-purge.');
    await store.purge();
    return c.json({ deleted: true as const }, 200);
  });
}
