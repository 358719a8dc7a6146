import type { RedSeries, ServiceMap } from '@throughline/query/api';
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { get } from '../api/client.ts';
import type { Period } from '../api/questions.ts';
import { periodOf, resolveRange } from '../search/time-range.ts';
import { mapRangeOf, type MapState } from './map-state.ts';

const liveEveryMs = 5_000;

/** The map with the times that it is of. "Now" is when it was asked for; live asks every five seconds. */
export function useServiceMap(state: MapState) {
  const { last, start, end, focus, live } = state;
  return useQuery({
    queryKey: ['service map', { last, start, end, focus }],
    queryFn: async ({ signal }) => {
      const period = periodOf(resolveRange(mapRangeOf(state), Date.now()));
      return { period, map: await get<ServiceMap>('service-map', { ...period, service: focus }, signal) };
    },
    placeholderData: keepPreviousData,
    refetchInterval: live === 'on' && liveEveryMs,
  });
}

/** Rate, errors and durations of a service over the times of the map. */
export function useRed(service: string, period: Period) {
  return useQuery({
    queryKey: ['red', service, period],
    queryFn: ({ signal }) => get<RedSeries>('red', { ...period, service }, signal),
    placeholderData: (before, query) => (query?.queryKey[1] === service ? before : undefined),
  });
}
