import { randomInt, randomUUID } from 'node:crypto';
import { addresses } from './addresses.ts';

/** What travels through the topics, as JSON. */
export interface Order {
  order_id: string;
  customer_id: string;
  /** How many of each item. */
  order_details: Record<string, number>;
  table?: number;
  address?: string;
  /** JSON text: the context of the trace that the order belongs to. Without tracing there is none. */
  carrier?: string;
  /** JSON text: the context of the validation that passed it on; how the kitchen knows where it came from. */
  passed_on_by?: string;
  validated?: boolean;
}

const menu = [
  'ITUNA SOUP',
  'TUNA SALAD',
  'TUNA MAKI',
  'TUNA SASHIMI',
  'TUNA NIGIRI',
  'SPICY TUNA NIGIRI',
  'ITUNA ROLL',
  'SPICY ITUNA ROLL',
];

/** Somebody wants two to five items of the menu, one to five of each: at a table, or at home. */
export function newOrder(where: 'table' | 'address'): Order {
  const items = shuffled(menu).slice(0, randomInt(2, 6));
  return {
    order_id: randomUUID(),
    customer_id: randomUUID(),
    order_details: Object.fromEntries(items.map((item) => [item, randomInt(1, 6)])),
    ...(where === 'table'
      ? { table: randomInt(1, 16) }
      : { address: addresses[randomInt(addresses.length)] ?? '' }),
  };
}

function shuffled<Item>(items: readonly Item[]): Item[] {
  return items
    .map((item) => ({ item, rank: Math.random() }))
    .toSorted((a, b) => a.rank - b.rank)
    .map(({ item }) => item);
}
