import { OpenAPIHono } from '@hono/zod-openapi';
import { compressed } from './compressed.ts';
import type { ApiOptions } from './options.ts';
import { problem, problemResponse, refusalOf } from './problems.ts';
import { addAttributeRoutes } from './routes/attributes.ts';
import { addCatalogRoutes } from './routes/catalog.ts';
import { addDataRoutes } from './routes/data.ts';
import { addImportRoute } from './routes/import.ts';
import { addLogRoutes } from './routes/logs.ts';
import { addMetricRoutes } from './routes/metrics.ts';
import { addSearchRoutes } from './routes/search.ts';
import { addStatisticsRoute } from './routes/statistics.ts';
import { addStatusRoute } from './routes/status.ts';
import { addStreamRoute } from './routes/stream.ts';
import { addTraceRoutes } from './routes/trace.ts';
import { respondWithUi } from './ui.ts';

export interface Api {
  /** Answers a request; what `serve` and tests give it. */
  fetch(request: Request): Response | Promise<Response>;
  /** Ends all streams. */
  stop(): void;
}

/** The API below /throughline/v1, its description, and the web app beside it. */
export function createApi(options: ApiOptions): Api {
  const v1 = new OpenAPIHono({
    defaultHook: (result) => {
      if (!result.success) throw refusalOf(placeOf(result.target), result.error);
    },
  });
  v1.use(compressed);
  const stopped = new AbortController();
  addStatusRoute(v1, options);
  addCatalogRoutes(v1, options);
  addAttributeRoutes(v1, options);
  addStreamRoute(v1, options, stopped.signal);
  addSearchRoutes(v1, options);
  addMetricRoutes(v1, options);
  addStatisticsRoute(v1, options);
  addLogRoutes(v1, options);
  addDataRoutes(v1, options);
  addImportRoute(v1, options);
  // Before /traces/{trace_id}, which /traces/search looks like.
  refuseOtherMethods(v1);
  addTraceRoutes(v1, options);
  refuseOtherMethods(v1);
  v1.doc31('/openapi.json', (c) => ({
    openapi: '3.1.0',
    info: {
      title: 'Throughline',
      version: 'v1',
      description: 'Traces, their spans and logs, and what is counted of them.',
      license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
    },
    servers: [{ url: new URL(c.req.url).pathname.replace(/\/openapi\.json$/, '') }],
  }));

  const { basePath = '', log } = options;
  const app = new OpenAPIHono().basePath(basePath);
  app.route('/throughline/v1', v1);
  app.all('/throughline/*', (c) => problem(c, 404, `There is no ${c.req.method} ${c.req.path}.`));
  if (options.ui) app.get('*', respondWithUi(options.ui, basePath));
  app.notFound((c) => problem(c, 404, `There is no ${c.req.method} ${c.req.path}.`));
  const report = (error: Error) => log.error('a request failed', { error: error.stack ?? error.message });
  app.onError((error, c) => problemResponse(error, c, report));
  v1.onError((error, c) => problemResponse(error, c, report));
  return { fetch: (request) => app.fetch(request), stop: () => stopped.abort() };
}

/** Answers 405 where a path has routes, but none of the request's method. */
function refuseOtherMethods(app: OpenAPIHono): void {
  const methods = new Map<string, Set<string>>();
  for (const { path, method } of app.routes)
    if (method !== 'ALL') methods.set(path, (methods.get(path) ?? new Set()).add(method));
  for (const [path, known] of methods)
    app.all(path, (c) => {
      const allowed = [...known].flatMap((method) => (method === 'GET' ? ['GET', 'HEAD'] : method));
      c.header('Allow', allowed.join(', '));
      return problem(c, 405, `${c.req.path} does not know ${c.req.method}.`);
    });
}

function placeOf(target: string): 'query' | 'path' | 'body' {
  return target === 'query' ? 'query' : target === 'param' ? 'path' : 'body';
}
