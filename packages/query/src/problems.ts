import { EngineError, EngineUnavailable, InvalidCursor } from '@throughline/store';
import type { Context } from 'hono';
import { HTTPException } from 'hono/http-exception';
import type { z } from 'zod';
import type { Problem } from './api/types.ts';

const titles: Record<number, string> = {
  400: 'The request is wrong',
  403: 'This is not allowed',
  404: 'Not found',
  405: 'The address does not know this method',
  413: 'The file is too large',
  415: 'The body is of a wrong type',
  500: 'The server failed',
  503: 'The store does not answer now',
  504: 'The question took too long',
};
const timeoutExceeded = 159;

/** Something to tell the client: `status` and what it means here. */
export class Refusal extends Error {
  override readonly name = 'Refusal';
  readonly status: number;
  readonly errors: Problem['errors'];
  constructor(status: number, detail: string, errors?: Problem['errors']) {
    super(detail);
    this.status = status;
    this.errors = errors;
  }
}

/** What was wrong with the part of a request that a schema looked at. */
export function refusalOf(part: 'query' | 'path' | 'body', error: z.ZodError): Refusal {
  const errors = error.issues.flatMap((issue) => {
    const place = issue.path.map(String);
    return issue.code === 'unrecognized_keys'
      ? issue.keys.map((key) => ({ in: part, name: [...place, key].join('.'), message: 'is not known' }))
      : [{ in: part, name: place.join('.'), message: issue.message }];
  });
  const detail = errors.map(({ name, message }) => `${part} ${name || 'as a whole'}: ${message}`).join('; ');
  return new Refusal(400, detail, errors);
}

/** The one place where errors become answers. */
export function problemResponse(
  error: Error,
  c: Context,
  report: (error: Error) => void,
): Response | Promise<Response> {
  if (error instanceof Refusal) return problem(c, error.status, error.message, error.errors);
  if (error instanceof InvalidCursor)
    return problem(c, 400, `query cursor: ${error.message}`, [
      { in: 'query', name: 'cursor', message: error.message },
    ]);
  if (error instanceof HTTPException) return problem(c, error.status, error.message);
  if (error instanceof EngineUnavailable) {
    c.header('Retry-After', '1');
    return problem(c, 503, error.message);
  }
  if (error instanceof EngineError && error.code === timeoutExceeded)
    return problem(c, 504, 'Ask for a shorter time range or with fewer conditions on texts.');
  // Nobody reads the answer to a request that was given up.
  if (!c.req.raw.signal.aborted) report(error);
  return problem(c, 500, 'The reason is in the log of the server.');
}

export function problem(c: Context, status: number, detail: string, errors?: Problem['errors']): Response {
  const body: Problem = {
    type: 'about:blank',
    title: titles[status] ?? 'The request failed',
    status,
    detail,
    ...(errors && { errors }),
  };
  c.header('Cache-Control', 'no-store');
  return c.body(JSON.stringify(body), status as 400, { 'Content-Type': 'application/problem+json' });
}
