import type { Attribute } from '@throughline/query/api';
import { describe, expect, it } from 'vitest';
import { attributesJson, filterAttributes, groupAttributes, pairText, valueText } from './attributes.ts';

const string = (key: string, value: string): Attribute => ({ key, type: 'string', value });
const attributes: Attribute[] = [
  string('shop.cart', 'c-1'),
  string('db.system.name', 'redis'),
  { key: 'http.response.status_code', type: 'int', value: 500 },
  string('http.request.method', 'GET'),
  string('shop.user', 'Ann B'),
  string('single.thing', 'x'),
  string('plain', 'y'),
  { key: 'tags', type: 'array', value: ['a', 1] },
];

describe('groupAttributes', () => {
  it('groups by namespace, known ones first, the single ones last', () => {
    const text = groupAttributes(attributes)
      .map((group) => `${group.title}: ${group.attributes.map(({ key }) => key).join(' ')}`)
      .join('\n');
    expect(text).toBe(`HTTP: http.request.method http.response.status_code
Database: db.system.name
shop: shop.cart shop.user
Other: plain single.thing tags`);
  });
  it('makes no groups of nothing', () => expect(groupAttributes([])).toEqual([]));
});

describe('attributes as text', () => {
  it('filters by key and value', () => {
    const keys = (text: string) => filterAttributes(attributes, text).map(({ key }) => key);
    expect(keys('GET')).toEqual(['http.request.method']);
    expect(keys('SHOP')).toEqual(['shop.cart', 'shop.user']);
    expect(keys('')).toHaveLength(8);
  });
  it('copies as pair and as JSON', () => {
    expect(pairText(attributes[2]!)).toBe('http.response.status_code=500');
    expect(pairText(attributes[4]!)).toBe('shop.user="Ann B"');
    expect(valueText(attributes[7]!)).toBe('[\n  "a",\n  1\n]');
    expect(JSON.parse(attributesJson(attributes.slice(1, 3)))).toEqual({
      'db.system.name': 'redis',
      'http.response.status_code': 500,
    });
  });
});
