import { useMemo, useState } from 'react';
import { countOf, formatCount } from '../design/format-count.ts';
import type { TraceColumns } from '../trace/columns.ts';
import type { TraceState } from '../trace/use-trace-state.ts';
import { csvOf } from './csv.ts';
import { filtered, ordered, parseOrder, printOrder } from './order.ts';
import { StatisticsBar } from './statistics-bar.tsx';
import classes from './statistics-bar.module.css';
import { StatisticsTable } from './statistics-table.tsx';
import { traceStatistics, type StatisticsRow } from './statistics.ts';

/** Where the time goes in a trace; a row leads to its spans. */
export function TraceStatisticsTab({ state }: { state: TraceState }) {
  const { model, url, actions } = state;
  const { columns, tree } = model;
  const by = url.rows;
  const [filter, setFilter] = useState('');
  const all = useMemo(() => traceStatistics(columns, tree, by), [columns, tree, by]);
  const self = useMemo(() => all.reduce((sum, row) => sum + row.self, 0), [all]);
  const order = useMemo(() => parseOrder(url.order), [url.order]);
  const rows = useMemo(() => ordered(filtered(all, filter), order), [all, filter, order]);
  return (
    <div className={classes.pane}>
      <StatisticsBar
        by={by}
        onBy={(rowsBy) => actions.change({ rows: rowsBy })}
        filter={filter}
        onFilter={setFilter}
        about={`${rows.length < all.length ? `${formatCount(rows.length)} of ` : ''}${countOf(all.length, by)}`}
        csv={() => csvOf(rows, self)}
      />
      <StatisticsTable
        rows={rows}
        self={self}
        order={order}
        onOrder={(next) => actions.change({ order: printOrder(next) })}
        onOpen={(row) => {
          actions.change({ tab: 'waterfall', find: row.operation || row.service });
          actions.select(longestOf(columns, row), 'center');
        }}
        opens="Find its spans"
      />
    </div>
  );
}

function longestOf(columns: TraceColumns, { service, operation }: StatisticsRow): number {
  const { spans, names, services, duration } = columns;
  let longest = -1;
  for (let span = 0; span < spans; span++) {
    if (services[columns.service[span]!] !== service) continue;
    if (operation !== undefined && names[columns.name[span]!] !== operation) continue;
    if (longest < 0 || duration[span]! > duration[longest]!) longest = span;
  }
  return longest;
}
