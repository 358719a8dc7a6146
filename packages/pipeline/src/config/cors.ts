import { z } from 'zod';

/** Which browsers' pages may send, with the Collector's keys. */
export function cors() {
  return z
    .strictObject({
      allowedOrigins: z
        .array(z.string().min(1))
        .default([])
        .describe('Origins of pages that may send; `*` stands for any text, as in `https://*.example.com`.'),
      allowedHeaders: z
        .array(z.string().min(1))
        .default([])
        .describe(
          'Request headers that pages may set besides Accept, Accept-Language, Content-Type and Content-Language; `*` allows every one.',
        ),
      exposedHeaders: z
        .array(z.string().min(1))
        .default([])
        .describe('Headers of the answers that pages may read besides the few that they always may.'),
      maxAge: z
        .int()
        .nonnegative()
        .default(0)
        .describe("Seconds for which a browser may remember the answer. 0: the browser's own default."),
    })
    .describe('Cross-origin requests from browsers. Default: none are allowed.');
}

export type Cors = z.output<ReturnType<typeof cors>>;

/** Whether `origin` is one of `allowed`, in which `*` stands for any text. */
export function originAllowed(origin: string, allowed: readonly string[]): boolean {
  return allowed.some((pattern) => {
    const parts = pattern
      .toLowerCase()
      .split('*')
      .map((part) => part.replace(/[.+?^${}()|[\]\\]/g, '\\$&'));
    return new RegExp(`^${parts.join('.*')}$`).test(origin.toLowerCase());
  });
}
