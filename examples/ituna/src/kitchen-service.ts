import { setTimeout as delay } from 'node:timers/promises';
import { runService } from './service.ts';
import { settings } from './settings.ts';
import { takeOrders } from './take-orders.ts';

await runService('kitchen-service', async (service) => {
  const { log, tracing } = service;
  log.info('Starting Kitchen Service');
  await takeOrders(settings.kitchenOrders, service, (taken) =>
    tracing.continue('main-kitchen', taken, { outOf: settings.kitchenOrders }, async (order) => {
      log.info(`Received order ${order.order_id} for processing`);
      await delay(settings.delayMs.kitchen);
      const [first = 'nothing'] = Object.keys(order.order_details);
      log.info(
        `Your order is ready. Please enjoy your ${first} and other food! - Order id = ${order.order_id}`,
      );
    }),
  );
});
