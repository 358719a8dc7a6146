import { z } from 'zod';

/** A key that the Collector has and this program refuses, because passing over it would leave a door open or lose data. */
export function unsupported(what: string) {
  return z
    .undefined({ error: `${what} are not supported` })
    .optional()
    .describe(`Refused: ${what} are not supported.`);
}

/** A key that the Collector has and that changes nothing here; `why` ends the sentence in the reference. */
export function withoutEffect(schema: z.ZodType, why: string) {
  return schema.optional().describe(`Accepted without effect: ${why}.`);
}
