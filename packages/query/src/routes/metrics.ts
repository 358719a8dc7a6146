import { createRoute, type OpenAPIHono } from '@hono/zod-openapi';
import { unixNanosOfMillis } from '@throughline/model';
import { MapParameters, RedParameters } from '../api/parameters.ts';
import { RedSeries, ServiceMap } from '../api/schemas.ts';
import type { ApiOptions } from '../options.ts';
import { Refusal } from '../problems.ts';
import { answers } from './answers.ts';
import { lastHour } from './ranges.ts';

const mostPoints = 1_500;

const map = createRoute({
  method: 'get',
  path: '/service-map',
  operationId: 'serviceMap',
  summary: 'Services and their calls to each other',
  description: 'Of the minutes that `start` and `end` touch; by default of the last hour.',
  request: { query: MapParameters },
  responses: answers(ServiceMap, 'The map.'),
});

const red = createRoute({
  method: 'get',
  path: '/red',
  operationId: 'red',
  summary: 'Rate, errors and durations over time, per service or operation',
  description: `Of a service its server and consumer spans count (all, where it has none in the range), of an operation
all its spans. By default of the last hour.`,
  request: { query: RedParameters },
  responses: answers(RedSeries, 'The series, those with most calls first.'),
});

export function addMetricRoutes(app: OpenAPIHono, { store, now = Date.now }: ApiOptions): void {
  app.openapi(map, async (c) => {
    const range = lastHour(c.req.valid('query'), now());
    const found = await store.serviceMap(range, { abort: c.req.raw.signal });
    return c.json({ nodes: [...found.nodes], edges: [...found.edges] }, 200);
  });
  app.openapi(red, async (c) => {
    const { by, step_s, service, operation, limit, ...parameters } = c.req.valid('query');
    // Points need an end.
    const end = parameters.end ?? String(unixNanosOfMillis(now()));
    const range = lastHour({ ...parameters, end }, now());
    const step = step_s ?? stepFor(range.end - range.start);
    if ((range.end - range.start) / (BigInt(step) * 1_000_000_000n) > BigInt(mostPoints))
      throw tooFine('step_s', `makes more than ${mostPoints} points of this range`);
    const query = { ...range, service, operation, byOperation: by === 'operation', step, limit };
    const series = await store.red(query, { abort: c.req.raw.signal });
    return c.json(
      {
        step_s: step,
        series: series.map(({ points, ...names }) => ({
          ...names,
          points: points.map(({ time, ...values }) => ({ time_s: time, ...values })),
        })),
      },
      200,
    );
  });
}

const steps = [60, 120, 300, 600, 1_200, 1_800, 3_600, 7_200, 14_400, 43_200, 86_400];

function stepFor(nanos: bigint): number {
  const wanted = Number(nanos) / 1e9 / 61;
  return steps.find((step) => step >= wanted) ?? Math.ceil(wanted / 86_400) * 86_400;
}

function tooFine(name: string, message: string): Refusal {
  return new Refusal(400, `query ${name}: ${message}`, [{ in: 'query', name, message }]);
}
