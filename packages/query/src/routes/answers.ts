import type { z } from '@hono/zod-openapi';
import { Problem } from '../api/schemas.ts';

const problemContent = { 'application/problem+json': { schema: Problem } };

/** The answers of a route for its description: the success, and those that every route can give. */
export function answers<S extends z.ZodType>(schema: S, description: string) {
  return {
    200: { description, content: { 'application/json': { schema } } },
    400: { description: 'The request is wrong; says where.', content: problemContent },
    503: { description: 'The store does not answer now; see Retry-After.', content: problemContent },
    504: { description: 'The question took too long.', content: problemContent },
  };
}

export const notFound = { description: 'It is not stored.', content: problemContent };
export const notJson = { description: 'The body is not application/json.', content: problemContent };
export const tooLarge = { description: 'A document in it is too large.', content: problemContent };
export const forbidden = { description: 'The server does not allow it.', content: problemContent };
