import { z } from '@hono/zod-openapi';
import { LogRecord } from './schemas.ts';

/** A log record in a list over all traces. */
export const LogLine = LogRecord.extend({
  id: z.string().describe('The same for the same content: what tells lines of several answers apart.'),
});

export const LogPage = z.object({
  logs: z.array(LogLine),
  /** Present while there may be more. */
  next_cursor: z.string().optional(),
  searched_to: LogRecord.shape.time
    .optional()
    .describe(
      'Where time ran out before the page was full: all up to here was looked at; `next_cursor` goes on.',
    ),
});

export const LogServices = z.object({
  services: z.array(
    z.object({
      name: z.string(),
      logs: z.number(),
      errors: z.number().describe('Of them with severity error or fatal.'),
    }),
  ),
});
