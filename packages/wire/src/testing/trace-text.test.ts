import { expect, test } from 'vitest';
import { textOfTrace, traceFromText } from './index.ts';

const checkout = [
  'shop: GET /cart/{id} server 0..120 error http.response.status_code=500 ok=true ratio=1.0',
  '  shop: SELECT carts client 10..50.5 db.system.name=postgresql note="a \\"b\\" c" digits="5"',
  '    db: parse 11..12',
  '  pay: charge client 60..110 ok',
].join('\n');

test('a trace drawn as text prints as it was drawn', () => {
  expect(textOfTrace(traceFromText(checkout))).toBe(checkout);
});

test('the drawing says parents, times, kinds, status and typed attributes', () => {
  const [root, query, , charge] = traceFromText(checkout, { traceId: 'ab'.repeat(16) });
  expect(root).toMatchObject({
    traceId: 'ab'.repeat(16),
    spanId: '0000000000000001',
    parentSpanId: undefined,
    name: 'GET /cart/{id}',
    kind: 'server',
    status: 'error',
    attributes: { 'http.response.status_code': 500n, ok: true, ratio: 1 },
    resource: { attributes: { 'service.name': 'shop' } },
  });
  expect(query).toMatchObject({
    parentSpanId: root!.spanId,
    duration: 40_500_000,
    attributes: { note: 'a "b" c', digits: '5' },
  });
  expect(query!.start - root!.start).toBe(10_000_000n);
  expect(query!.resource).toBe(root!.resource);
  expect(charge).toMatchObject({ parentSpanId: root!.spanId, status: 'ok' });
});

test('spans without their parent are drawn on top', () => {
  expect(textOfTrace(traceFromText(checkout).slice(1))).toBe(
    [
      'shop: SELECT carts client 0..40.5 db.system.name=postgresql note="a \\"b\\" c" digits="5"',
      '  db: parse 1..2',
      'pay: charge client 50..100 ok',
    ].join('\n'),
  );
});

test('a line that is no span is refused', () => {
  expect(() => traceFromText('shop GET 1..2')).toThrow('not a span: shop GET 1..2');
});
