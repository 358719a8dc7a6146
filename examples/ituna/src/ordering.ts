import { setTimeout as delay } from 'node:timers/promises';
import { type Order, newOrder } from './order.ts';
import { type Service, runService } from './service.ts';
import { settings } from './settings.ts';

/** One of the three ways to order. */
export interface Ordering {
  service: string;
  span: string;
  starts: string;
  order: () => Order;
  topic: string;
  /** How long placing an order takes. */
  delayMs: number;
  placing: (order: Order) => string;
  placed: string;
}

/** Places an order, rests, and so on until the service ends. */
export async function keepOrdering(ordering: Ordering): Promise<void> {
  await runService(ordering.service, async (service) => {
    service.log.info(ordering.starts);
    while (!service.stopping.aborted) {
      await placeOrder(ordering, service).catch((error: unknown) => service.log.error(String(error)));
      await delay(settings.pauseMs, undefined, { signal: service.stopping }).catch(() => {});
    }
  });
}

async function placeOrder(
  { span, order: make, topic, delayMs, placing, placed }: Ordering,
  { tracing, bus, log }: Service,
): Promise<void> {
  await tracing.begin(span, make(), { into: topic }, async (order) => {
    log.info(placing(order));
    await delay(delayMs);
    await bus.put(topic, order);
    log.info(placed);
  });
}

/** A table's order goes to the kitchen as it is. */
export const orderAtTable = (): Order => newOrder('table');
export const orderFromHome = (): Order => newOrder('address');
