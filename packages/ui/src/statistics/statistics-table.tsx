import { useVirtualizer } from '@tanstack/react-virtual';
import { IconArrowDown, IconArrowUp } from '@tabler/icons-react';
import { memo, useRef, useState } from 'react';
import { formatCount } from '../design/format-count.ts';
import { formatDuration } from '../design/format-duration.ts';
import { ServiceDot } from '../design/service-dot.tsx';
import { useServiceColor } from '../design/use-service-color.tsx';
import { useShortcuts } from '../shell/shortcuts.tsx';
import { formatShare } from './format-share.ts';
import { columns, nextOrder, type Column, type Order } from './order.ts';
import type { StatisticsRow } from './statistics.ts';
import classes from './statistics-table.module.css';

export interface StatisticsTableProps {
  readonly rows: readonly StatisticsRow[];
  /** Of all rows together, also those that are not shown: what shares are of. */
  readonly self: number;
  readonly order: Order;
  readonly onOrder: (order: Order) => void;
  readonly onOpen: (row: StatisticsRow) => void;
  /** What opening a row does: "Find its spans". */
  readonly opens: string;
}

const rowHeight = 30;
const times = ['p50', 'p95', 'max', 'total', 'self'] as const;

/** Rows to sort by a click on a column and to walk through with j and k; only those in sight exist. */
export function StatisticsTable({ rows, self, order, onOrder, onOpen, opens }: StatisticsTableProps) {
  const scroller = useRef<HTMLElement>(null);
  const [current, setCurrent] = useState<string>();
  const at = rows.findIndex((row) => keyOf(row) === current);
  const hasOperations = rows[0]?.operation !== undefined;
  const colorOf = useServiceColor();
  // oxlint-disable-next-line react/incompatible-library -- nothing here is compiled or memoised by its result
  const virtual = useVirtualizer({
    count: rows.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => rowHeight,
    // Below the head, which stays in sight.
    paddingStart: rowHeight,
    scrollPaddingStart: rowHeight,
    overscan: 12,
  });
  const go = (to: number) => {
    const row = rows[Math.min(Math.max(to, 0), rows.length - 1)];
    if (!row) return;
    setCurrent(keyOf(row));
    virtual.scrollToIndex(rows.indexOf(row));
  };
  useShortcuts('Statistics', [
    { keys: ['j', 'ArrowDown'], help: 'Next row', run: () => go(at + 1) },
    { keys: ['k', 'ArrowUp'], help: 'Previous row', run: () => go(at - 1) },
    { keys: ['PageDown'], help: 'Ten rows down', run: () => go(at + 10) },
    { keys: ['PageUp'], help: 'Ten rows up', run: () => go(at - 10) },
    { keys: ['Home'], help: 'First row', run: () => go(0) },
    { keys: ['End'], help: 'Last row', run: () => go(rows.length - 1) },
    { keys: ['Enter', 'o'], help: opens, run: () => rows[at] && onOpen(rows[at]) },
  ]);

  const shown = (Object.keys(columns) as Column[]).filter(
    (column) => hasOperations || column !== 'operation',
  );
  const items = virtual.getVirtualItems();
  const above = (items[0]?.start ?? rowHeight) - rowHeight;
  const below = virtual.getTotalSize() - (items.at(-1)?.end ?? virtual.getTotalSize());
  return (
    // A scrollable area must be reachable by key.
    // oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex
    <section ref={scroller} className={classes.scroller} tabIndex={0} aria-label="Statistics">
      <table
        className={classes.table}
        aria-rowcount={rows.length + 1}
        data-operations={hasOperations || undefined}
      >
        <thead>
          <tr aria-rowindex={1}>
            {shown.map((column) => (
              <Head key={column} column={column} order={order} onOrder={onOrder} />
            ))}
            <th scope="col" className={classes.shareHead}>
              Share of self time
            </th>
          </tr>
        </thead>
        <tbody>
          {above > 0 && <tr aria-hidden style={{ height: above }} />}
          {items.map(({ index }) => {
            const row = rows[index];
            if (!row) return null;
            return (
              <Row
                key={keyOf(row)}
                row={row}
                index={index}
                color={colorOf(row.service)}
                share={self > 0 ? row.self / self : 0}
                current={index === at}
                onOpen={onOpen}
              />
            );
          })}
          {below > 0 && <tr aria-hidden style={{ height: below }} />}
        </tbody>
      </table>
    </section>
  );
}

function Head({ column, order, onOrder }: { column: Column; order: Order; onOrder: (order: Order) => void }) {
  const isOrder = order.by === column;
  const Arrow = order.up ? IconArrowUp : IconArrowDown;
  return (
    <th
      scope="col"
      className={classes[column]}
      aria-sort={isOrder ? (order.up ? 'ascending' : 'descending') : undefined}
    >
      <button type="button" className={classes.sort} onClick={() => onOrder(nextOrder(order, column))}>
        {isOrder && <Arrow size={12} aria-hidden />}
        {columns[column]}
      </button>
    </th>
  );
}

interface RowProps {
  readonly row: StatisticsRow;
  readonly index: number;
  readonly color: string;
  readonly share: number;
  readonly current: boolean;
  readonly onOpen: (row: StatisticsRow) => void;
}

const Row = memo(function Row({ row, index, color, share, current, onOpen }: RowProps) {
  const { service, operation, spans, errors } = row;
  const name = operation === '' ? '(no name)' : operation;
  const opener = (text: string | undefined) => (
    <button type="button" className={classes.open} title={text}>
      {text}
    </button>
  );
  return (
    // The button in it is for those who use keys.
    // oxlint-disable-next-line jsx-a11y/click-events-have-key-events
    <tr
      aria-rowindex={index + 2}
      data-current={current || undefined}
      aria-current={current || undefined}
      onClick={() => onOpen(row)}
    >
      <th scope="row" className={classes.service} title={service}>
        <span className={classes.name}>
          <ServiceDot color={color} />
          {operation === undefined ? opener(service) : <span>{service}</span>}
        </span>
      </th>
      {operation !== undefined && <td className={classes.operation}>{opener(name)}</td>}
      <td>{formatCount(spans)}</td>
      <td data-errors={errors > 0 || undefined} title={`${formatShare(errors / spans)} of them`}>
        {errors > 0 ? formatCount(errors) : '–'}
      </td>
      {times.map((time) => (
        <td key={time} className={classes[time]}>
          {formatDuration(Math.round(row[time]))}
        </td>
      ))}
      <td>
        <span className={classes.share}>
          <span className={classes.bar}>
            <span style={{ width: `${share * 100}%` }} />
          </span>
          {formatShare(share)}
        </span>
      </td>
    </tr>
  );
});

function keyOf({ service, operation }: StatisticsRow): string {
  return JSON.stringify([service, operation]);
}
