import type { TraceSpan } from './ui-trace-data.ts';

/**
 * An order whose inventory check takes 1500 ms, of which its own statements take little; it goes on over a broker to two
 * services. `factor` stretches its times.
 */
export function orderTrace(factor = 1): TraceSpan[] {
  const spans: TraceSpan[] = [
    { id: 1, service: 'storefront', name: 'POST /checkout', start: 0, duration: 2160, kind: 2 },
    { id: 2, parent: 1, service: 'storefront', name: 'validate basket', start: 4, duration: 22 },
    { id: 3, parent: 1, service: 'orders', name: 'POST /orders', start: 34, duration: 2070, kind: 2 },
    { id: 4, parent: 3, service: 'orders', name: 'order-validation-inventory', start: 105, duration: 1510 },
    { id: 5, parent: 4, service: 'inventory', name: 'CheckStock', start: 108, duration: 1500, kind: 2 },
    ...Array.from({ length: 9 }, (_, n): TraceSpan => (
      { id: 20 + n, parent: 5, service: 'postgres', name: 'SELECT stock', start: 110 + n * 20, duration: 14, kind: 3 })),
    { id: 6, parent: 3, service: 'payments', name: 'payments.v1.PaymentService/AuthorizeWithThreeDSecure', start: 1625, duration: 390, kind: 2 },
    { id: 7, parent: 6, service: 'payments', name: 'bank call', start: 1630, duration: 120, kind: 3, error: 'timeout' },
    { id: 8, parent: 6, service: 'payments', name: 'bank call', start: 1760, duration: 250, kind: 3 },
    { id: 9, parent: 3, service: 'orders', name: 'orders publish', start: 2030, duration: 20, kind: 4 },
    { id: 10, parent: 9, service: 'kitchen', name: 'orders process', start: 2300, duration: 400, kind: 5 },
    { id: 11, parent: 9, service: 'mailer', name: 'orders process', start: 2200, duration: 120, kind: 5 },
    { id: 12, parent: 3, service: 'postgres', name: 'INSERT orders', start: 2055, duration: 30, kind: 3 },
  ]; // prettier-ignore
  return spans.map((span) => ({ ...span, start: span.start * factor, duration: span.duration * factor }));
}

/** A page of so many operations of twelve services, each called once, up to four deep; some fail. */
export function pageTrace(operations: number): TraceSpan[] {
  return Array.from({ length: operations }, (_, n): TraceSpan => {
    const above = n === 0 ? undefined : n < 12 ? 0 : Math.floor(n / 6);
    return {
      id: n + 1,
      ...(above === undefined ? {} : { parent: above + 1 }),
      service: n === 0 ? 'gateway' : `service-${n % 12}`,
      name: `operation number ${n}`,
      start: n * 5,
      duration: n < 60 ? 3_000 - n * 10 : 40 + (n % 7) * 10,
      ...(n % 50 === 49 ? { error: 'failed' } : {}),
    };
  });
}
