import { z } from '@hono/zod-openapi';
import { parseSpanId, parseTraceId, type SpanId, type TraceId } from '@throughline/model';
import { SearchQuery } from './schemas.ts';

// What requests carry in their path and query. A parameter that no route knows is refused, so that a misspelt one
// does not go unnoticed.

const time = SearchQuery.shape.start;
/** A number in decimal, as JSON writes it, within the bounds of `schema`; described as that. */
const number = <S extends z.ZodType<number, number>>(schema: S, described: object) =>
  z
    .string()
    .regex(/^-?\d+(\.\d+)?([eE][+-]?\d+)?$/, { error: 'expected a number', abort: true })
    .transform(Number)
    .pipe(schema)
    .openapi(described);
const integer = (least: number, most: number) =>
  number(z.int().min(least).max(most), { type: 'integer', minimum: least, maximum: most });
export const limit = (most: number, usual: number) =>
  integer(1, most).optional().default(usual).openapi({ default: usual });
const duration = number(SearchQuery.shape.min_duration.unwrap(), {
  type: 'number',
  minimum: 0,
  description: 'Nanoseconds.',
}).optional();
export const timeRange = { start: time, end: time };

export const NoParameters = z.strictObject({});

export const ServicesParameters = z.strictObject(timeRange);

export const OperationsParameters = z.strictObject({
  service: z.string().optional(),
  ...timeRange,
  limit: limit(10_000, 1_000),
});

const typed = z.string().optional().describe('What was typed so far; matched anywhere, whatever the case.');

export const KeysParameters = z.strictObject({
  scope: z.enum(['span', 'resource']).optional(),
  service: z.string().optional(),
  prefix: typed,
  limit: limit(1_000, 200),
});

export const ValuesParameters = KeysParameters.extend({
  key: z.string().min(1),
  limit: limit(1_000, 50),
});

export const conditions = z
  .string()
  .transform((text, context): unknown => {
    try {
      return JSON.parse(text);
    } catch {
      context.addIssue({ code: 'custom', message: 'is not JSON' });
      return z.NEVER;
    }
  })
  .pipe(SearchQuery.shape.conditions)
  .openapi({ type: 'string', description: 'A JSON array of conditions.' });

export const SearchParameters = z.strictObject({
  ...SearchQuery.shape,
  conditions: conditions.optional(),
  min_duration: duration,
  max_duration: duration,
  min_trace_duration: duration,
  max_trace_duration: duration,
  limit: limit(1_000, 20),
});

export const SearchBody = z.strictObject(SearchQuery.shape);

const tracePart = z
  .string()
  .transform((text, context): TraceId => {
    const id = parseTraceId(text);
    if (id) return id;
    context.addIssue({ code: 'custom', message: 'expected 32 or 16 hex digits, not all zero' });
    return z.NEVER;
  })
  .openapi({
    param: { name: 'trace_id', in: 'path' },
    type: 'string',
    pattern: '^(?!0+$)([0-9a-fA-F]{16}|[0-9a-fA-F]{32})$',
    example: '5b8efff798038103d269b633813fc60c',
  });

const spanPart = z
  .string()
  .transform((text, context): SpanId => {
    const id = parseSpanId(text);
    if (id) return id;
    context.addIssue({ code: 'custom', message: 'expected 16 hex digits, not all zero' });
    return z.NEVER;
  })
  .openapi({
    param: { name: 'span_id', in: 'path' },
    type: 'string',
    pattern: '^(?!0+$)[0-9a-fA-F]{16}$',
    example: 'eee19b7ec3c1b174',
  });

export const TracePath = z.object({ trace_id: tracePart });
export const SpanPath = z.object({ trace_id: tracePart, span_id: spanPart });

export const SpanParameters = z.strictObject({
  nth: limit(1_000_000, 1).describe('Which one, by start, where several spans of the trace have the id.'),
});

export const FindParameters = z.strictObject({ q: z.string().min(1) });

export const MapParameters = z.strictObject({
  ...timeRange,
  service: z
    .string()
    .optional()
    .describe(
      'A service (or the id of another node): only what calls it and what it calls is on the map, through topics too.',
    ),
});

export const RedParameters = z.strictObject({
  ...timeRange,
  service: z.string().optional(),
  operation: z.string().optional(),
  by: z.enum(['service', 'operation']).default('service').describe('What has a series of its own.'),
  step_s: number(z.int().multipleOf(60).min(60), { type: 'integer', minimum: 60, multipleOf: 60 })
    .optional()
    .describe('Seconds between points. Default: such that the range has about 60.'),
  limit: limit(1_000, 50).describe('Number of series; those with most calls stay.'),
});
