import { keepPreviousData, useQuery, useQueryClient } from '@tanstack/react-query';
import { useRouterState } from '@tanstack/react-router';
import { useCallback, useMemo } from 'react';
import { resolveRange } from '../search/time-range.ts';
import { linesOf } from './lines.ts';
import { logsQuestionOf, logsRangeOf, type LogsState } from './logs-state.ts';
import { useLogPages } from './questions.ts';

/**
 * The records that were found. "Now" is when the step in the browser's history was made and stays until `refresh`, so
 * that all pages, and a return from a trace, speak of the same times.
 */
export function useLogResults(state: LogsState) {
  const client = useQueryClient();
  const step = useRouterState({ select: ({ location }) => location.state.__TSR_key ?? '' });
  const now = useQuery({
    queryKey: ['logs asked for', step],
    queryFn: () => Date.now(),
    staleTime: Infinity,
    placeholderData: keepPreviousData,
  });
  const askedAt = now.isPlaceholderData ? undefined : now.data;
  const times = useMemo(
    () => (askedAt === undefined ? undefined : resolveRange(logsRangeOf(state), askedAt)),
    [state, askedAt],
  );
  const question = useMemo(() => times && logsQuestionOf(state, times), [state, times]);
  const list = useLogPages(state.live === 'on' ? undefined : question);
  const lines = useMemo(() => linesOf(list.data?.pages.flatMap((page) => page.logs) ?? []), [list.data]);
  const openedKey = useMemo(() => ['opened record', step], [step]);
  const { refetch } = now;
  return {
    /** The times that are looked at; undefined for the first moment. */
    times,
    /** When the records were asked for, in milliseconds since 1970. */
    askedAt: askedAt ?? 0,
    list,
    lines,
    /** How far the search came where it takes long: nanoseconds since 1970. */
    searchedTo: list.data?.pages.at(-1)?.searched_to,
    refresh: useCallback(() => void refetch(), [refetch]),
    /** The record that was last gone away from. */
    opened: client.getQueryData<string>(openedKey),
    remember: useCallback((key: string) => void client.setQueryData(openedKey, key), [client, openedKey]),
  };
}
