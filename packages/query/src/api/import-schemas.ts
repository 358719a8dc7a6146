import { z } from '@hono/zod-openapi';
import { LogRecord, TraceSummary } from './schemas.ts';

/** What became of an imported file. */
export const ImportResult = z.object({
  formats: z.array(z.enum(['otlp', 'jaeger', 'zipkin', 'throughline'])).describe('What was recognised.'),
  /** What was taken. */
  spans: z.number(),
  logs: z.number(),
  known_spans: z.number().describe('Spans that were stored already: they were left out.'),
  known_logs: z.number().describe('Log records that were stored already: they were left out too.'),
  unused_documents: z.number().describe('Documents with metrics or profiles, which are not kept.'),
  trace_count: z.number().describe('Traces in the file, also those that were stored already.'),
  /** Of the first 1,000 of them those that are stored, in the order of the file. */
  traces: z.array(TraceSummary),
  /** Of the first and of the last log record; left out where there are none. */
  log_start: LogRecord.shape.time.optional(),
  log_end: LogRecord.shape.time.optional(),
  stored: z
    .boolean()
    .describe('False where what was taken is safe, but not searchable yet: it waits for the store.'),
  problems: z
    .array(
      z.object({
        place: z.string().describe('The line, the path within the JSON document, or both; empty: the file.'),
        message: z.string(),
      }),
    )
    .describe('What could not be used; the first 100.'),
  problem_count: z.number(),
});
