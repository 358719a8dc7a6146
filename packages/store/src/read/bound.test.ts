import { expect, it } from 'vitest';
import { Bound } from './bound.ts';

it('gives every value a placeholder of its own', () => {
  const bound = new Bound();
  expect([bound.string("it's"), bound.number(5), bound.string("it's")]).toEqual([
    '{p0:String}',
    '{p1:Float64}',
    '{p2:String}',
  ]);
  expect(bound.params).toEqual({ p0: "it's", p1: 5, p2: "it's" });
});

it('splits long lists of ids into values that ClickHouse takes', () => {
  const bound = new Bound();
  const ids = Array.from({ length: 4500 }, (_, n) => n.toString(16).padStart(32, '0'));
  expect(bound.traceIds(ids)).toContain(
    'arrayConcat({p0:Array(String)}, {p1:Array(String)}, {p2:Array(String)})',
  );
  expect(Object.values(bound.params).flat()).toEqual(ids);
  expect(new Bound().traceIds([])).toContain('arrayConcat({p0:Array(String)})');
});
