import type { SearchQueryInput, Statistics } from '@throughline/query/api';
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { Text } from '@mantine/core';
import { useMemo, useState } from 'react';
import { get } from '../api/client.ts';
import { countOf, formatCount } from '../design/format-count.ts';
import { ErrorNotice } from '../design/error-notice.tsx';
import { Pending } from '../design/pending.tsx';
import { questionOf, spansOf, type SearchState } from '../search/search-state.ts';
import { csvOf } from './csv.ts';
import type { GroupBy } from './groups.ts';
import { filtered, ordered, usualOrder } from './order.ts';
import { StatisticsBar } from './statistics-bar.tsx';
import classes from './statistics-bar.module.css';
import { StatisticsTable } from './statistics-table.tsx';

interface SearchStatisticsProps {
  readonly state: SearchState;
  /** The times that the search is about, in milliseconds since 1970. */
  readonly times: { readonly start: number; readonly end: number };
  readonly onChange: (change: Partial<SearchState>) => void;
}

/** Where the time goes in all traces that a search finds; a row leads to the traces with its spans. */
export function SearchStatistics({ state, times, onChange }: SearchStatisticsProps) {
  const by: GroupBy = state.rows ?? 'operation';
  const [filter, setFilter] = useState('');
  const [order, setOrder] = useState(usualOrder);
  const { sort: _, ...question } = questionOf(state, times);
  const { data, error, refetch, isPlaceholderData } = useStatistics(question, by);
  const rows = useMemo(() => ordered(filtered(data?.rows ?? [], filter), order), [data, filter, order]);
  if (error) return <ErrorNotice error={error} onRetry={() => void refetch()} />;
  if (!data) return <Pending label="Adding up where the time goes…" />;
  return (
    <div className={classes.pane} data-stale={isPlaceholderData || undefined}>
      <StatisticsBar
        by={by}
        onBy={(next) => onChange({ rows: next === 'service' ? next : undefined })}
        filter={filter}
        onFilter={setFilter}
        about={aboutOf(data, rows.length, by)}
        csv={() => csvOf(rows, data.self)}
      />
      {data.traces === 0 ? (
        <Text c="dimmed" ta="center" pt={56}>
          No trace was found, so there is nothing to count.
        </Text>
      ) : (
        <StatisticsTable
          rows={rows}
          self={data.self}
          order={order}
          onOrder={setOrder}
          onOpen={({ service, operation }) => onChange({ ...spansOf(service, operation), view: undefined })}
          opens="Search for its traces"
        />
      )}
    </div>
  );
}

/** The server ends what nobody waits for any more: when another question is asked, or the view is left. */
function useStatistics(question: SearchQueryInput, by: GroupBy) {
  return useQuery({
    queryKey: ['statistics', question, by],
    queryFn: ({ signal }) => get<Statistics>('statistics', { ...question, group_by: by }, signal),
    placeholderData: keepPreviousData,
    staleTime: Infinity,
  });
}

function aboutOf({ traces, spans, complete, count, rows }: Statistics, shown: number, by: GroupBy): string {
  const of = shown < rows.length ? `${formatCount(shown)} of ` : '';
  const cut = rows.length < count ? ` with most self time, of ${formatCount(count)}` : '';
  const newest = complete ? countOf(traces, 'trace') : `the newest ${countOf(traces, 'trace')}`;
  return `${of}${countOf(rows.length, by)}${cut} · ${countOf(spans, 'span')} of ${newest}${complete ? '' : ' that match'}`;
}
