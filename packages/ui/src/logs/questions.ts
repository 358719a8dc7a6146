import type { LogPage, LogServices } from '@throughline/query/api';
import { keepPreviousData, useInfiniteQuery, useQuery } from '@tanstack/react-query';
import { get } from '../api/client.ts';
import type { Period } from '../api/questions.ts';
import type { LogsQuestion } from './logs-state.ts';

const pageSize = 200;

/** Pages of log records; the question holds its times, so that every page speaks of the same period. */
export function useLogPages(question: LogsQuestion | undefined) {
  return useInfiniteQuery({
    queryKey: ['logs', question],
    queryFn: ({ pageParam, signal }) => askLogs(question!, pageParam, pageSize, signal),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (page) => page.next_cursor,
    placeholderData: keepPreviousData,
    staleTime: Infinity,
    enabled: question !== undefined,
  });
}

export function askLogs(
  question: LogsQuestion,
  cursor: string | undefined,
  limit: number,
  signal: AbortSignal,
): Promise<LogPage> {
  return get<LogPage>('logs', { ...question, limit, cursor }, signal);
}

/** Nothing is asked while the period is undefined. */
export function useLogServices(period: Period | undefined) {
  return useQuery({
    queryKey: ['log services', period],
    queryFn: ({ signal }) => get<LogServices>('logs/services', { ...period }, signal),
    placeholderData: keepPreviousData,
    enabled: period !== undefined,
  });
}
