import { z } from '@hono/zod-openapi';
import { conditions, limit, SpanPath, timeRange } from './parameters.ts';

/** The least of OTLP's severity numbers that stand for the word. */
export const severities = { trace: 1, debug: 5, info: 9, warn: 13, error: 17, fatal: 21 } as const;
export type SeverityWord = keyof typeof severities;

const words = Object.keys(severities) as [SeverityWord, ...SeverityWord[]];

export const LogsParameters = z.strictObject({
  start: timeRange.start,
  end: timeRange.end,
  service: z.string().optional(),
  severity: z
    .enum(words)
    .optional()
    .describe('The least severity. Of records without a number the text of the severity counts.'),
  text: z
    .string()
    .max(10_000)
    .optional()
    .describe('Anywhere in the body or the name of the event, whatever the case.'),
  trace_id: SpanPath.shape.trace_id.optional().openapi({ param: { name: 'trace_id', in: 'query' } }),
  span_id: SpanPath.shape.span_id.optional().openapi({ param: { name: 'span_id', in: 'query' } }),
  conditions: conditions
    .optional()
    .describe('A JSON array of conditions; scope `span` stands for the attributes of the record itself.'),
  order: z.enum(['newest', 'oldest']).default('newest').describe('Which ones come first.'),
  limit: limit(1_000, 100),
  cursor: z.string().optional().describe('`next_cursor` of the page before.'),
});

export const LogServicesParameters = z.strictObject(timeRange);
