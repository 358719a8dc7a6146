import { z } from '@hono/zod-openapi';
import { limit, SearchParameters } from './parameters.ts';

const nanos = z.number().describe('Nanoseconds.');

/** Those of a search but for its pages. */
export const StatisticsParameters = SearchParameters.omit({ cursor: true }).extend({
  group_by: z.enum(['operation', 'service']).default('operation').describe('What has a row of its own.'),
  limit: limit(1_000, 1_000).describe('Of how many traces: the first that match, in the order of `sort`.'),
});

/** What all spans of an operation, or of a service, took together; a duration below zero counts as none. */
export const StatisticsRow = z.object({
  service: z.string(),
  /** Where operations are rows. */
  operation: z.string().optional(),
  spans: z.number(),
  errors: z.number(),
  p50: nanos,
  p95: nanos,
  max: nanos,
  total: nanos.describe('Sum of the durations.'),
  self: nanos.describe('Sum of the durations without the times in which children were at work.'),
});

export const Statistics = z.object({
  /** Of how many traces and spans the rows speak. */
  traces: z.number(),
  spans: z.number(),
  complete: z.boolean().describe('Whether these are all traces that match.'),
  self: nanos.describe('Self time of all these spans.'),
  count: z.number().describe('How many rows there are, also beyond those given.'),
  /** Most self time first. */
  rows: z.array(StatisticsRow).describe('At most 5,000.'),
});
