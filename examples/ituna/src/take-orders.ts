import type { Order } from './order.ts';
import type { Service } from './service.ts';

/** Gives `handle` each order of a topic until the service ends. What is no order is told and left out. */
export async function takeOrders(
  topic: string,
  { bus, log, stopping }: Service,
  handle: (order: Order) => Promise<void>,
): Promise<void> {
  await bus.take(topic, async (text) => {
    const order = parsed(text);
    if (!order) return log.error(`What came through ${topic} is no order: ${text.slice(0, 200)}`);
    // A topic gives nothing more until this is done; one order that fails must not hold up the next.
    await handle(order).catch((error: unknown) => log.error(String(error)));
  });
  if (!stopping.aborted) await new Promise((resolve) => stopping.addEventListener('abort', resolve));
}

/** Whatever else it has, an order has an id and details. */
function parsed(text: string): Order | undefined {
  try {
    const order = JSON.parse(text) as Partial<Order> | null;
    if (typeof order?.order_id !== 'string' || typeof order.order_details !== 'object') return undefined;
    return order.order_details === null ? undefined : (order as Order);
  } catch {
    return undefined;
  }
}
