import { validateHeaderName, validateHeaderValue } from 'node:http';
import { secret } from '@throughline/pipeline';
import { z } from 'zod';

/** Headers that a server adds to every answer; what cannot be a header is refused at the start. */
export function responseHeaders() {
  return z
    .record(z.string(), secret())
    .refine(areHeaders, notHeaders)
    .default({})
    .describe('Headers added to every answer.');
}

export const notHeaders = { error: 'has a name or a value that no header can have' };

export function areHeaders(headers: Record<string, string>): boolean {
  try {
    for (const [name, value] of Object.entries(headers)) {
      validateHeaderName(name);
      validateHeaderValue(name, value);
    }
    return true;
  } catch {
    return false;
  }
}
