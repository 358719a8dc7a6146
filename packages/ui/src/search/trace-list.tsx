import type { TraceSummary } from '@throughline/query/api';
import { useVirtualizer } from '@tanstack/react-virtual';
import { useEffect, useLayoutEffect, useMemo, useRef, useState, type ReactNode, type RefObject } from 'react';
import { formatDate } from '../design/format-time.ts';
import { useShortcuts } from '../shell/shortcuts.tsx';
import { TraceRow } from './trace-row.tsx';
import classes from './trace-list.module.css';

interface Props {
  readonly traces: readonly TraceSummary[];
  /** Whether searches match single spans, so that their number is worth a column. */
  readonly showMatched: boolean;
  /** The trace to stand at first: the one that the user comes back from. */
  readonly initial: string | undefined;
  readonly onOpen: (trace: TraceSummary) => void;
  /** Called when the end of the list comes near. */
  readonly onEnd: () => void;
  readonly footer: ReactNode;
}

const rowHeight = 34;

/** Rows that are links; only those on the screen exist. j/k and arrows move, Enter opens. */
export function TraceList({ traces, showMatched, initial, onOpen, onEnd, footer }: Props) {
  const scroller = useRef<HTMLDivElement>(null);
  const [current, setCurrent] = useState(initial);
  const [focused, setFocused] = useState(false);
  const index = traces.findIndex((trace) => trace.trace_id === current);
  const [today] = useState(() => formatDate(Date.now()));
  const frame = useMemo(
    () => ({ durations: extent(traces), today, showMatched }),
    [traces, today, showMatched],
  );
  // oxlint-disable-next-line react/incompatible-library -- nothing here is compiled or memoised by its result
  const rows = useVirtualizer({
    count: traces.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => rowHeight,
    overscan: 12,
    initialOffset: () => Math.max(0, index * rowHeight - 200),
  });

  useAnchor(scroller, traces);

  const lastShown = rows.getVirtualItems().at(-1)?.index ?? 0;
  useEffect(() => {
    if (traces.length > 0 && lastShown >= traces.length - 20) onEnd();
  }, [lastShown, traces.length, onEnd]);

  const move = (by: number) => {
    if (traces.length === 0) return;
    const next = index < 0 ? 0 : Math.min(Math.max(index + by, 0), traces.length - 1);
    setCurrent(traces[next]?.trace_id);
    setFocused(true);
    rows.scrollToIndex(next);
  };
  useShortcuts('Results', [
    { keys: ['j', 'ArrowDown'], help: 'Next trace', run: () => move(1) },
    { keys: ['k', 'ArrowUp'], help: 'Previous trace', run: () => move(-1) },
    { keys: ['PageDown'], help: 'Ten traces down', run: () => move(10) },
    { keys: ['PageUp'], help: 'Ten traces up', run: () => move(-10) },
    { keys: ['Home'], help: 'First trace', run: () => move(-traces.length) },
    {
      keys: ['Enter', 'o'],
      help: 'Open the trace',
      run: () => {
        const trace = traces[index];
        if (trace) onOpen(trace);
      },
    },
  ]);

  return (
    <div className={classes.list}>
      <div className={classes.head} data-matched={showMatched || undefined} aria-hidden>
        <span>Start</span>
        <span>Root</span>
        <span>Duration</span>
        <span>Services</span>
        {showMatched && <span className={classes.number}>Matched</span>}
        <span className={classes.number}>Spans</span>
        <span className={classes.number}>Errors</span>
      </div>
      <div ref={scroller} className={classes.scroller}>
        <ol className={classes.rows} style={{ height: rows.getTotalSize() }} aria-label="Traces">
          {rows.getVirtualItems().map((item) => {
            const trace = traces[item.index];
            if (!trace) return null;
            return (
              <li
                key={trace.trace_id}
                style={{ transform: `translateY(${item.start}px)`, height: rowHeight }}
              >
                <TraceRow
                  trace={trace}
                  frame={frame}
                  current={item.index === index}
                  takeFocus={focused && item.index === index}
                  onOpen={onOpen}
                />
              </li>
            );
          })}
        </ol>
        {footer}
      </div>
    </div>
  );
}

function extent(traces: readonly TraceSummary[]): [number, number] {
  let shortest = Infinity;
  let longest = 0;
  for (const { duration } of traces) {
    if (duration < shortest) shortest = duration;
    if (duration > longest) longest = duration;
  }
  return [shortest, longest];
}

/** Keeps what is read in its place when rows come in above it; at the top the new ones are what is read. */
function useAnchor(scroller: RefObject<HTMLDivElement | null>, traces: readonly TraceSummary[]): void {
  const before = useRef(traces);
  useLayoutEffect(() => {
    const element = scroller.current;
    const top = Math.floor((element?.scrollTop ?? 0) / rowHeight);
    const read = before.current[top]?.trace_id;
    before.current = traces;
    if (!element || top === 0 || traces[top]?.trace_id === read) return;
    const now = traces.findIndex((trace) => trace.trace_id === read);
    if (now > top) element.scrollBy(0, (now - top) * rowHeight);
  }, [scroller, traces]);
}
