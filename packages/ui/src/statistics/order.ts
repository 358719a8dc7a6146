import type { StatisticsRow } from './statistics.ts';

/** What rows can be sorted by, with what stands above it. */
export const columns = {
  service: 'Service',
  operation: 'Operation',
  spans: 'Spans',
  errors: 'Errors',
  p50: 'p50',
  p95: 'p95',
  max: 'Max',
  total: 'Total time',
  self: 'Self time',
} as const;
export type Column = keyof typeof columns;

export interface Order {
  readonly by: Column;
  readonly up: boolean;
}

export const usualOrder: Order = { by: 'self', up: false };

/** `p95` downwards, `p95-up` upwards; the usual order for anything else. */
export function parseOrder(text: string | undefined): Order {
  const [, name, up] = /^([a-z0-9]+)(-up)?$/.exec(text ?? '') ?? [];
  return name !== undefined && Object.hasOwn(columns, name)
    ? { by: name as Column, up: up !== undefined }
    : usualOrder;
}

/** Undefined for the usual order. */
export function printOrder({ by, up }: Order): string | undefined {
  return by === usualOrder.by && up === usualOrder.up ? undefined : `${by}${up ? '-up' : ''}`;
}

/** The order after a click on the column: its own (names upwards, figures downwards), then the other way round. */
export function nextOrder(before: Order, by: Column): Order {
  return { by, up: before.by === by ? !before.up : isText(by) };
}

/** What is equal stays in the order that it had: that of self time. */
export function ordered(rows: readonly StatisticsRow[], { by, up }: Order): StatisticsRow[] {
  const sign = up ? 1 : -1;
  return rows.toSorted((a, b) => sign * compare(a[by] ?? '', b[by] ?? ''));
}

/** Rows whose service and operation have every word of the text, whatever the case. */
export function filtered(rows: readonly StatisticsRow[], text: string): readonly StatisticsRow[] {
  const words = text.toLowerCase().split(/\s+/).filter(Boolean);
  if (words.length === 0) return rows;
  return rows.filter(({ service, operation = '' }) => {
    const name = `${service} ${operation}`.toLowerCase();
    return words.every((word) => name.includes(word));
  });
}

function isText(column: Column): boolean {
  return column === 'service' || column === 'operation';
}

const byName = new Intl.Collator('en', { numeric: true });

function compare(a: string | number, b: string | number): number {
  return typeof a === 'number' && typeof b === 'number' ? a - b : byName.compare(String(a), String(b));
}
