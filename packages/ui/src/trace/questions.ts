import { useDebouncedValue } from '@mantine/hooks';
import type { FoundSpans, LogRecord, SpanDetails, Timeline } from '@throughline/query/api';
import type { TraceId } from '@throughline/model';
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { ApiProblem, get, retryable } from '../api/client.ts';
import { traceModel, type TraceModel } from './model.ts';

/** How often a trace that is still arriving is asked for again. */
const pollMs = 2_000;

interface Loaded {
  readonly model: TraceModel;
  readonly stillArriving: boolean;
}

/** The trace, laid out; asked for again while it is still arriving. */
export function useTrace(traceId: TraceId) {
  return useQuery({
    queryKey: ['trace', traceId],
    queryFn: async ({ signal }): Promise<Loaded> => {
      const timeline = await get<Timeline>(`traces/${traceId}/timeline`, {}, signal);
      return {
        model: traceModel(timeline),
        stillArriving: timeline.warnings.some(({ kind }) => kind === 'still_arriving'),
      };
    },
    // Comparing 100,000 spans with the ones before costs more than drawing them.
    structuralSharing: false,
    refetchInterval: ({ state }) => (state.data?.stillArriving || isNotFound(state.error) ? pollMs : false),
    retry: (failures, error) => failures < 2 && retryable(error),
  });
}

export function isNotFound(error: Error | null): boolean {
  return error instanceof ApiProblem && error.status === 404;
}

/** The log records that bear the id of a trace of which no span is stored. */
export function useLogs(traceId: TraceId) {
  return useQuery({
    queryKey: ['logs', traceId],
    queryFn: async ({ signal }) =>
      (await get<{ logs: LogRecord[] }>(`traces/${traceId}/logs`, {}, signal)).logs,
  });
}

/**
 * Details of one span, a moment after it stays selected. `key` is its id, with `~2` where it is the second that has it,
 * and so on; nothing is asked while it is undefined.
 */
export function useSpanDetails(traceId: TraceId, key: string | undefined) {
  const [settled] = useDebouncedValue(key, 80, { leading: true });
  return useQuery({
    queryKey: ['span', traceId, settled],
    queryFn: async ({ signal }) => {
      const [id, nth] = settled!.split('~');
      return { key: settled, span: await get<SpanDetails>(`traces/${traceId}/spans/${id}`, { nth }, signal) };
    },
    enabled: settled !== undefined,
    placeholderData: keepPreviousData,
    staleTime: 60_000,
  });
}

/** Ids of the spans in which the server finds the text, in attributes too; undefined until it has answered. */
export function useFindSpans(traceId: TraceId, text: string | undefined) {
  const wanted = text?.trim() ?? '';
  const [settled] = useDebouncedValue(wanted, 250);
  const { data, isFetching } = useQuery({
    queryKey: ['find', traceId, settled],
    queryFn: async ({ signal }) =>
      (await get<FoundSpans>(`traces/${traceId}/find`, { q: settled }, signal)).span_ids,
    enabled: settled !== '' && settled === wanted,
    staleTime: 60_000,
  });
  return { spanIds: settled === wanted ? data : undefined, searching: isFetching || settled !== wanted };
}
