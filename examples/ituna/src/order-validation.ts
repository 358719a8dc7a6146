import { setTimeout as delay } from 'node:timers/promises';
import { runService } from './service.ts';
import { settings } from './settings.ts';
import { takeOrders } from './take-orders.ts';

const { delayMs, initialOrders, kitchenOrders } = settings;

await runService('order-validation', async (service) => {
  const { log, tracing, bus } = service;
  log.info('Starting Order Validation Service');
  await takeOrders(initialOrders, service, (taken) =>
    tracing.continue('main-order-validation', taken, { outOf: initialOrders }, async (order) => {
      log.info(`Received order ${order.order_id} for validation`);
      await tracing.step('address_validation', { zip: zipOf(order.address) }, () => delay(delayMs.address));
      await tracing.step('name_validation', {}, () => delay(delayMs.name));
      await tracing.step('inventory_validation', {}, () => delay(delayMs.inventory));
      await delay(delayMs.publish);
      await bus.put(kitchenOrders, { ...order, validated: true });
      log.info(`Validated and republished order for kitchen: ${order.order_id}`);
    }),
  );
});

/** Guests at a table are where the restaurant is. */
function zipOf(address = ''): string {
  return /\d{5}$/.exec(address)?.[0] ?? '90901';
}
