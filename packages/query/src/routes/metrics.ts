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
  summary: 'Services and their calls to each other, to topics, to databases and to what else they call',
  description: `Of the minutes that \`start\` and \`end\` touch; by default of the last hour. A message goes from the service
that publishes to its topic and on to the service that consumes. Databases and external peers send no spans: they are
known by client spans that no other service answers. The least called beyond 200 of a kind are one, "(other)".`,
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
    const { service, ...parameters } = c.req.valid('query');
    const range = lastHour(parameters, now());
    const found = await store.serviceMap({ ...range, focus: service }, { abort: c.req.raw.signal });
    const seconds = secondsOf(range, now());
    const edges = found.edges.map(({ lagP50, lagP95, ...edge }) => ({
      ...edge,
      ...ratesOf(edge, seconds),
      ...(lagP50 !== undefined && { lag_p50: lagP50 }),
      ...(lagP95 !== undefined && { lag_p95: lagP95 }),
    }));
    const nodes = found.nodes.map((node) => ({ ...node, ...ratesOf(node, seconds) }));
    return c.json({ seconds, nodes, edges }, 200);
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

/** From the beginning of the first minute to the end of the last or, where that is still to come, until now. */
function secondsOf({ start, end }: { start: bigint; end: bigint }, nowMs: number): number {
  const minute = 60_000_000_000n;
  const from = Number((start / minute) * 60n);
  const to = Math.min(nowMs / 1000, Number(((end + minute - 1n) / minute) * 60n));
  return Math.max(1, Math.round(to - from));
}

function ratesOf({ calls, errors }: { calls: number; errors: number }, seconds: number) {
  return { rate: calls / seconds, error_rate: calls === 0 ? 0 : errors / calls };
}

const steps = [60, 120, 300, 600, 1_200, 1_800, 3_600, 7_200, 14_400, 43_200, 86_400];

function stepFor(nanos: bigint): number {
  const wanted = Number(nanos) / 1e9 / 61;
  return steps.find((step) => step >= wanted) ?? Math.ceil(wanted / 86_400) * 86_400;
}

function tooFine(name: string, message: string): Refusal {
  return new Refusal(400, `query ${name}: ${message}`, [{ in: 'query', name, message }]);
}
