import { z } from 'zod';

/** Text that `print-config` shows as `[REDACTED]` (the Collector's word). */
export function secret() {
  return z.string().meta({ secret: true });
}

/** Headers to send with each request; names as written, values secret. */
export function headers() {
  return z
    .record(z.string(), secret())
    .default({})
    .describe('Headers sent with each request. Their values are secrets: print-config does not show them.');
}
