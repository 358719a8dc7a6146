import { useEffect, useState } from 'react';
import { resolveRange } from '../search/time-range.ts';
import { linesOf, mergeNewest, type Line } from './lines.ts';
import { logsQuestionOf, logsRangeOf, type LogsState } from './logs-state.ts';
import { askLogs } from './questions.ts';

export interface LiveLines {
  readonly connected: boolean;
  readonly lines: readonly Line[];
}

const everyMs = 1_000;
const pageSize = 200;
const keep = 2_000;
const nothing: LiveLines = { connected: false, lines: [] };

/** The newest matching records, asked for every second while the page is on the screen; at most 2,000, newest first. */
export function useLiveLines(state: LogsState, enabled: boolean): LiveLines {
  const [received, setReceived] = useState({ ...nothing, state });
  useEffect(() => {
    if (!enabled) return;
    const ended = new AbortController();
    let lines: readonly Line[] = [];
    let timer: ReturnType<typeof setTimeout>;
    const ask = async () => {
      if (document.visibilityState === 'visible') {
        try {
          // The end stays open: clocks may run ahead.
          const { start } = resolveRange(logsRangeOf(state), Date.now());
          const question = logsQuestionOf(state, { start, end: Date.now() + 86_400_000 });
          const page = await askLogs(question, undefined, pageSize, ended.signal);
          lines = mergeNewest(lines, linesOf(page.logs), page.logs.length === pageSize, keep);
          setReceived({ state, connected: true, lines });
        } catch {
          if (ended.signal.aborted) return;
          setReceived({ state, connected: false, lines });
        }
      }
      if (!ended.signal.aborted) timer = setTimeout(() => void ask(), everyMs);
    };
    void ask();
    return () => {
      clearTimeout(timer);
      ended.abort();
      setReceived({ ...nothing, state });
    };
  }, [state, enabled]);
  return enabled && received.state === state ? received : nothing;
}
