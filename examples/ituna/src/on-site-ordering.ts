import { keepOrdering, orderAtTable } from './ordering.ts';
import { settings } from './settings.ts';

await keepOrdering({
  service: 'onsite-ordering',
  span: 'main-onsite-order',
  starts: 'Starting On-Site Ordering Service',
  order: orderAtTable,
  topic: settings.initialOrders,
  delayMs: settings.delayMs.onSite,
  placing: ({ order_id }) => `Placing an on-site order with id ${order_id}`,
  placed: 'The on-site order has been placed successfully!',
});
