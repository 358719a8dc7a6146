import type { TraceSummary } from '@throughline/query/api';
import { keepPreviousData, useQuery, useQueryClient } from '@tanstack/react-query';
import { useRouterState } from '@tanstack/react-router';
import { useCallback, useMemo } from 'react';
import { useTraces } from '../api/questions.ts';
import { questionOf, rangeOf, type SearchState } from './search-state.ts';
import { resolveRange } from './time-range.ts';

const pageSize = 100;
/** While live is on the list is one page, asked for again this often: traces that grow come up to date. */
const livePageSize = 200;
const liveEveryMs = 10_000;
/** How many of the slowest the plot shows where there are more than a page of the list holds. */
const plotSize = 300;

/**
 * What a search found: pages for the list; for the plot these and the slowest 300, so that it spans the whole time. "Now" is when the step in the browser's
 * history was made and stays until `refresh`, so that pages, plot and a return from a trace speak of the same times.
 */
export function useSearchResults(state: SearchState) {
  const client = useQueryClient();
  const isLive = state.live === 'on';
  const step = useRouterState({ select: ({ location }) => location.state.__TSR_key ?? '' });
  const now = useQuery({
    queryKey: ['search made', step],
    queryFn: () => Date.now(),
    staleTime: Infinity,
    refetchInterval: isLive && liveEveryMs,
    placeholderData: keepPreviousData,
  });
  const madeAt = now.data;
  const times = useMemo(
    () => (madeAt === undefined ? undefined : resolveRange(rangeOf(state), madeAt)),
    [state, madeAt],
  );
  const question = useMemo(() => (times ? questionOf(state, times) : {}), [state, times]);
  const list = useTraces(
    { ...question, limit: isLive ? livePageSize : pageSize },
    times !== undefined && !now.isPlaceholderData,
  );
  const partial = !isLive && list.data?.pages[0]?.next_cursor !== undefined && !list.isPlaceholderData;
  const slowest = useTraces({ ...question, sort: 'longest', limit: plotSize }, partial);

  const traces = useMemo(() => list.data?.pages.flatMap((page) => page.traces) ?? [], [list.data]);
  const slowestPage = partial && !slowest.isPlaceholderData ? slowest.data?.pages[0] : undefined;
  const plotted = useMemo(() => distinct([...(slowestPage?.traces ?? []), ...traces]), [slowestPage, traces]);
  const openedKey = useMemo(() => ['opened', step], [step]);
  const { refetch } = now;
  return {
    /** The times that are looked at; undefined for the first moment. */
    times,
    /** When the search was made, in milliseconds since 1970. */
    madeAt: madeAt ?? 0,
    list,
    traces,
    plotted,
    /** Whether the plot lacks some of what was found. */
    plotPartial: slowestPage?.next_cursor !== undefined,
    refresh: useCallback(() => void refetch(), [refetch]),
    /** The trace that was last opened from this search. */
    opened: client.getQueryData<string>(openedKey),
    remember: useCallback((id: string) => void client.setQueryData(openedKey, id), [client, openedKey]),
  };
}

function distinct(traces: readonly TraceSummary[]): readonly TraceSummary[] {
  return [...new Map(traces.map((trace) => [trace.trace_id, trace])).values()];
}
