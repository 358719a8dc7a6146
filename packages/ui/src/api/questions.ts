import type {
  AttributeKeys,
  AttributeValues,
  Operations,
  SearchQueryInput,
  SearchResult,
  Services,
  Status,
} from '@throughline/query/api';
import { keepPreviousData, useInfiniteQuery, useQuery } from '@tanstack/react-query';
import { get } from './client.ts';

/** One hook per question to the server. */

/** Asked again every second while the answer `wants` it. */
export function useStatus(wants: (status: Status) => boolean) {
  return useQuery({
    queryKey: ['status'],
    queryFn: ({ signal }) => get<Status>('status', {}, signal),
    refetchInterval: ({ state }) => (state.data && wants(state.data) ? 1000 : false),
  });
}

/** A span of absolute time, in nanoseconds since 1970 as decimal texts. */
export interface Period {
  readonly start: string;
  readonly end: string;
}

/** Nothing is asked while the period is undefined. */
export function useServices(period: Period | undefined) {
  return useQuery({
    queryKey: ['services', period],
    queryFn: ({ signal }) => get<Services>('services', { ...period }, signal),
    placeholderData: keepPreviousData,
    enabled: period !== undefined,
  });
}

/** The operations of one service, or of all. */
export function useOperations(service: string | undefined) {
  return useQuery({
    queryKey: ['operations', service],
    queryFn: ({ signal }) => get<Operations>('operations', { service, limit: 500 }, signal),
    placeholderData: keepPreviousData,
  });
}

export interface KeysQuestion {
  readonly scope: 'span' | 'resource' | undefined;
  /** What was typed: it is looked for anywhere in the key or value. */
  readonly prefix: string;
  readonly service: string | undefined;
}

export function useAttributeKeys(question: KeysQuestion, enabled: boolean) {
  return useQuery({
    queryKey: ['attribute keys', question],
    queryFn: ({ signal }) => get<AttributeKeys>('attributes/keys', { ...question, limit: 30 }, signal),
    placeholderData: keepPreviousData,
    enabled,
  });
}

export interface ValuesQuestion extends KeysQuestion {
  readonly key: string;
}

export function useAttributeValues(question: ValuesQuestion, enabled: boolean) {
  return useQuery({
    queryKey: ['attribute values', question],
    queryFn: ({ signal }) => get<AttributeValues>('attributes/values', { ...question, limit: 30 }, signal),
    placeholderData: (before, query) =>
      (query?.queryKey[1] as ValuesQuestion | undefined)?.key === question.key ? before : undefined,
    enabled,
  });
}

/** Pages of traces; the question holds its times, so that every page speaks of the same period. */
export function useTraces(question: SearchQueryInput, enabled: boolean) {
  return useInfiniteQuery({
    queryKey: ['traces', question],
    queryFn: ({ pageParam, signal }) =>
      get<SearchResult>('traces', { ...question, cursor: pageParam }, signal),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (page) => page.next_cursor,
    placeholderData: keepPreviousData,
    staleTime: Infinity,
    enabled,
  });
}
