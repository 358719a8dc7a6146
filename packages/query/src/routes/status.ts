import { createRoute, type OpenAPIHono } from '@hono/zod-openapi';
import { NoParameters } from '../api/parameters.ts';
import { Status } from '../api/schemas.ts';
import type { ApiOptions } from '../options.ts';
import { answers } from './answers.ts';

const route = createRoute({
  method: 'get',
  path: '/status',
  operationId: 'status',
  summary: 'What runs here, and how much is stored',
  description: 'While the engine is down or very busy the counts are those that were known last.',
  request: { query: NoParameters },
  responses: answers(Status, 'The state of this server.'),
});

export function addStatusRoute(app: OpenAPIHono, { store, status, allowPurge }: ApiOptions): void {
  let known = { spans: 0, logs: 0 };
  app.openapi(route, async (c) => {
    const runtime = await status();
    if (runtime.engine.state === 'ready')
      known = await store.counts({ abort: soonEnough(c.req.raw.signal) }).catch(() => known);
    c.header('Cache-Control', 'no-store');
    return c.json(
      {
        ...runtime,
        purge_allowed: allowPurge,
        spans: { stored: known.spans },
        logs: { stored: known.logs },
      },
      200,
    );
  });
}

/** Whoever asks for the state wants an answer while the store has none. */
function soonEnough(gone: AbortSignal): AbortSignal {
  return AbortSignal.any([gone, AbortSignal.timeout(2_000)]);
}
