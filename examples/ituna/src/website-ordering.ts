import { keepOrdering, orderFromHome } from './ordering.ts';
import { settings } from './settings.ts';

await keepOrdering({
  service: 'website-ordering',
  span: 'main-website-order',
  starts: 'Starting Website Ordering Service',
  order: orderFromHome,
  topic: settings.initialOrders,
  delayMs: settings.delayMs.website,
  placing: ({ order_id }) => `Placing an online order with id ${order_id}`,
  placed: 'The online order has been placed successfully!',
});
