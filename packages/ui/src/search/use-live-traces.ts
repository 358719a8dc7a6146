import type { TraceSummary } from '@throughline/query/api';
import { useEffect, useMemo, useState } from 'react';
import { apiUrl } from '../api/client.ts';
import { filtersOf, type SearchState } from './search-state.ts';

export interface LiveTraces {
  readonly connected: boolean;
  readonly traces: readonly TraceSummary[];
}

const keep = 1000;
const drawEveryMs = 250;
const nothing: LiveTraces = { connected: false, traces: [] };

/** The newest matching traces as they arrive, at most 1,000, newest first; a trace that grows replaces itself. */
export function useLiveTraces(state: SearchState, enabled: boolean): LiveTraces {
  const address = useMemo(() => apiUrl('traces/stream', { ...filtersOf(state) }).href, [state]);
  const [received, setReceived] = useState({ ...nothing, address });
  useEffect(() => {
    if (!enabled) return;
    const newest = new Map<string, TraceSummary>();
    let connected = false;
    let dirty = false;
    const connection = (open: boolean) => {
      connected = open;
      dirty = true;
    };
    const stream = whileVisible(() => {
      const source = new EventSource(address);
      source.onopen = () => connection(true);
      source.onerror = () => connection(false);
      source.addEventListener('trace', (event: MessageEvent<string>) => {
        const trace = JSON.parse(event.data) as TraceSummary;
        newest.set(trace.trace_id, trace);
        dirty = true;
      });
      return source;
    });
    const timer = setInterval(() => {
      if (!dirty) return;
      dirty = false;
      const traces = newestFirst(newest.values()).slice(0, keep);
      newest.clear();
      for (const trace of traces) newest.set(trace.trace_id, trace);
      setReceived({ address, connected, traces });
    }, drawEveryMs);
    return () => {
      clearInterval(timer);
      stream.close();
      setReceived({ ...nothing, address });
    };
  }, [address, enabled]);
  return enabled && received.address === address ? received : nothing;
}

/**
 * Holds the connection only while the page is on the screen: a browser allows six to a server, so that some forgotten
 * tabs would be enough to cut off all others.
 */
function whileVisible(connect: () => EventSource): { close: () => void } {
  let source: EventSource | undefined;
  const follow = () => {
    if (document.visibilityState === 'visible') {
      source ??= connect();
    } else {
      source?.close();
      source = undefined;
    }
  };
  follow();
  document.addEventListener('visibilitychange', follow);
  return {
    close: () => {
      document.removeEventListener('visibilitychange', follow);
      source?.close();
    },
  };
}

/** What arrived together with what was found; of a trace in both, the one with more spans. */
export function mergeLive(
  arrived: readonly TraceSummary[],
  found: readonly TraceSummary[],
): readonly TraceSummary[] {
  const merged = new Map(found.map((trace) => [trace.trace_id, trace]));
  for (const trace of arrived) {
    if (trace.spans > (merged.get(trace.trace_id)?.spans ?? 0)) merged.set(trace.trace_id, trace);
  }
  return newestFirst(merged.values()).slice(0, keep);
}

function newestFirst(traces: Iterable<TraceSummary>): TraceSummary[] {
  return [...traces].toSorted(
    (a, b) => b.start.length - a.start.length || (a.start < b.start ? 1 : a.start > b.start ? -1 : 0),
  );
}
