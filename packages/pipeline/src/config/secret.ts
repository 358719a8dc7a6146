import { z } from 'zod';

/** Text that `print-config` shows as `[REDACTED]` (the Collector's word). */
export function secret() {
  return z.string().meta({ secret: true });
}

/** A URL whose password `print-config` masks; the rest is shown. */
export function urlWithPassword() {
  return z.string().meta({ password: true });
}

/** The URL as it may be shown to anybody: `http://user:[REDACTED]@host`. */
export function withoutPassword(url: string): string {
  return url.replace(/^([a-z]+:\/\/)([^/?#]*)@/i, (_, scheme: string, login: string) => {
    const [user, ...password] = login.split(':');
    return `${scheme}${password.length > 0 ? `${user}:` : ''}[REDACTED]@`;
  });
}

/** Headers to send with each request; names as written, values secret. */
export function headers() {
  return z
    .record(z.string(), secret())
    .default({})
    .describe('Headers sent with each request. Their values are secrets: print-config does not show them.');
}
