import type { Attributes } from '@opentelemetry/api';

const secret = /auth|cookie|token|secret|password|api-?key|session/i;

/** Headers, or gRPC metadata, as attributes of the names that the semantic conventions give them; secrets stay out. */
export function headerAttributes(prefix: string, headers: Readonly<Record<string, unknown>>): Attributes {
  return Object.fromEntries(
    Object.entries(headers)
      .filter(([, value]) => value !== undefined)
      .map(([name, value]) => [
        `${prefix}.${name}`,
        secret.test(name) ? ['[redacted]'] : [value].flat().map(String),
      ]),
  );
}
