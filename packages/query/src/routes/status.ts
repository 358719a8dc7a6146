import { createRoute, type OpenAPIHono } from '@hono/zod-openapi';
import { setTimeout } from 'node:timers/promises';
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
  let known: { spans: number; logs: number } | undefined;
  app.openapi(route, async (c) => {
    const soon = soonEnough(c.req.raw.signal);
    let runtime = await status();
    // Nothing is known yet: better late than a wrong 0.
    while (!known && runtime.engine.state === 'starting' && !soon.aborted) {
      await setTimeout(50);
      runtime = await status();
    }
    if (runtime.engine.state === 'ready') known = await store.counts({ abort: soon }).catch(() => known);
    c.header('Cache-Control', 'no-store');
    return c.json(
      {
        ...runtime,
        purge_allowed: allowPurge,
        spans: { stored: known?.spans ?? 0 },
        logs: { stored: known?.logs ?? 0 },
      },
      200,
    );
  });
}

/** Whoever asks for the state wants an answer while the store has none. */
function soonEnough(gone: AbortSignal): AbortSignal {
  return AbortSignal.any([gone, AbortSignal.timeout(2_000)]);
}
