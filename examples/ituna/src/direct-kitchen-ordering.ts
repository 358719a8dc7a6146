import { keepOrdering, orderAtTable } from './ordering.ts';
import { settings } from './settings.ts';

await keepOrdering({
  service: 'direct-kitchen-ordering',
  span: 'main-direct-order',
  starts: 'Starting Direct Kitchen Ordering Service',
  order: () => ({ ...orderAtTable(), validated: false }),
  topic: settings.kitchenOrders,
  delayMs: settings.delayMs.direct,
  placing: ({ order_id }) => `Placing a direct order for the kitchen: ${order_id}`,
  placed: 'The direct kitchen order has been placed successfully!',
});
