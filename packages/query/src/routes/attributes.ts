import { createRoute, type OpenAPIHono } from '@hono/zod-openapi';
import { KeysParameters, ValuesParameters } from '../api/parameters.ts';
import { AttributeKeys, AttributeValues } from '../api/schemas.ts';
import { plain, typeOf } from '../json.ts';
import type { ApiOptions } from '../options.ts';
import { answers } from './answers.ts';

const keys = createRoute({
  method: 'get',
  path: '/attributes/keys',
  operationId: 'attributeKeys',
  summary: 'Attribute keys, for completion',
  request: { query: KeysParameters },
  responses: answers(AttributeKeys, 'The keys.'),
});

const values = createRoute({
  method: 'get',
  path: '/attributes/values',
  operationId: 'attributeValues',
  summary: 'Values of an attribute, for completion',
  request: { query: ValuesParameters },
  responses: answers(AttributeValues, 'The values.'),
});

export function addAttributeRoutes(app: OpenAPIHono, { store }: ApiOptions): void {
  app.openapi(keys, async (c) => {
    const { prefix, ...query } = c.req.valid('query');
    const found = await store.attributeKeys({ ...query, contains: prefix }, { abort: c.req.raw.signal });
    return c.json({ keys: found }, 200);
  });
  app.openapi(values, async (c) => {
    const { prefix, ...query } = c.req.valid('query');
    const found = await store.attributeValues({ ...query, contains: prefix }, { abort: c.req.raw.signal });
    const all = found.map(({ value, count }) => ({ type: typeOf(value), value: plain(value), count }));
    return c.json({ values: all }, 200);
  });
}
