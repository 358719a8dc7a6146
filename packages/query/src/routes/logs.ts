import { createRoute, type OpenAPIHono } from '@hono/zod-openapi';
import { LogServicesParameters, LogsParameters, severities } from '../api/log-parameters.ts';
import { LogPage, LogServices } from '../api/log-schemas.ts';
import { logJson } from '../json.ts';
import type { ApiOptions } from '../options.ts';
import { answers } from './answers.ts';
import { allTime, lastHour, openRange } from './ranges.ts';

const logs = createRoute({
  method: 'get',
  path: '/logs',
  operationId: 'logs',
  summary: 'Log records of all traces and of none, by time',
  description: `Of the last hour, or of all time where \`trace_id\` is given, unless \`start\` and \`end\` say otherwise.
Pages follow each other by \`next_cursor\`; a page may be short of its limit, or empty, while there is one.`,
  request: { query: LogsParameters },
  responses: answers(LogPage, 'A page of log records.'),
});

const services = createRoute({
  method: 'get',
  path: '/logs/services',
  operationId: 'logServices',
  summary: 'Services that have log records, by name',
  description: 'Of all time that is stored, or of the minutes that `start` and `end` touch.',
  request: { query: LogServicesParameters },
  responses: answers(LogServices, 'The services.'),
});

export function addLogRoutes(app: OpenAPIHono, { store, now = Date.now }: ApiOptions): void {
  app.openapi(logs, async (c) => {
    const { start, end, severity, trace_id, span_id, conditions = [], ...query } = c.req.valid('query');
    const found = await store.searchLogs(
      {
        ...query,
        ...(trace_id === undefined ? lastHour({ start, end }, now()) : allTime({ start, end })),
        minSeverity: severity && severities[severity],
        traceId: trace_id,
        spanId: span_id,
        conditions,
      },
      { abort: c.req.raw.signal },
    );
    return c.json(
      {
        logs: found.logs.map(({ id, record }) => ({ ...logJson(record), id })),
        ...(found.nextCursor !== undefined && { next_cursor: found.nextCursor }),
        ...(found.searchedTo !== undefined && { searched_to: String(found.searchedTo) }),
      },
      200,
    );
  });
  app.openapi(services, async (c) => {
    const range = openRange(c.req.valid('query'));
    return c.json({ services: await store.logServices(range, { abort: c.req.raw.signal }) }, 200);
  });
}
