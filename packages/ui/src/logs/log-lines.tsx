import { useNavigate } from '@tanstack/react-router';
import { useVirtualizer } from '@tanstack/react-virtual';
import { useEffect, useLayoutEffect, useMemo, useRef, useState, type ReactNode, type RefObject } from 'react';
import { formatDate, millisOfNanos } from '../design/format-time.ts';
import { useShortcuts } from '../shell/shortcuts.tsx';
import { LogDetails } from './log-details.tsx';
import { LogRow } from './log-row.tsx';
import classes from './log-lines.module.css';
import type { Line } from './lines.ts';
import type { LogsState } from './logs-state.ts';
import { traceLink } from './trace-link.ts';

interface Props {
  readonly lines: readonly Line[];
  /** The record to stand at first: the one that the user comes back to. */
  readonly initial: string | undefined;
  /** Called with the record's key when its trace is gone to. */
  readonly onLeave: (key: string) => void;
  readonly onChange: (change: Partial<LogsState>) => void;
  readonly onFilter: (condition: string) => void;
  /** Called when the end of the list comes near. */
  readonly onEnd: () => void;
  readonly footer: ReactNode;
}

const rowHeight = 27;

/** Records, one line each; only those on the screen exist. j/k and arrows move, Enter opens one, o its trace. */
export function LogLines({ lines, initial, onLeave, onChange, onFilter, onEnd, footer }: Props) {
  const navigate = useNavigate();
  const scroller = useRef<HTMLDivElement>(null);
  const [current, setCurrent] = useState(initial);
  const [focused, setFocused] = useState(false);
  const [opened, setOpened] = useState<ReadonlySet<string>>(new Set(initial === undefined ? [] : [initial]));
  const index = lines.findIndex(({ key }) => key === current);
  const [today] = useState(() => formatDate(Date.now()));
  const dated = useMemo(() => lines.some(({ record }) => dateOf(record.time) !== today), [lines, today]);
  // oxlint-disable-next-line react/incompatible-library -- nothing here is compiled or memoised by its result
  const rows = useVirtualizer({
    count: lines.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => rowHeight,
    overscan: 16,
    getItemKey: (at) => lines[at]?.key ?? at,
    initialOffset: () => Math.max(0, index * rowHeight - 200),
  });
  useAnchor(scroller, lines);

  const lastShown = rows.getVirtualItems().at(-1)?.index ?? 0;
  useEffect(() => {
    if (lastShown >= lines.length - 40) onEnd();
  }, [lastShown, lines.length, onEnd]);

  const move = (by: number) => {
    if (lines.length === 0) return;
    const next = index < 0 ? 0 : Math.min(Math.max(index + by, 0), lines.length - 1);
    setCurrent(lines[next]?.key);
    setFocused(true);
    rows.scrollToIndex(next);
  };
  const toggle = (key: string) => {
    const next = new Set(opened);
    if (!next.delete(key)) next.add(key);
    setOpened(next);
    setCurrent(key);
  };
  useShortcuts('Records', [
    { keys: ['j', 'ArrowDown'], help: 'Next record', run: () => move(1) },
    { keys: ['k', 'ArrowUp'], help: 'Previous record', run: () => move(-1) },
    { keys: ['PageDown'], help: 'Twenty records down', run: () => move(20) },
    { keys: ['PageUp'], help: 'Twenty records up', run: () => move(-20) },
    { keys: ['Home'], help: 'First record', run: () => move(-lines.length) },
    { keys: ['Enter'], help: 'Open or close the record', run: () => index >= 0 && toggle(current!) },
    {
      keys: ['o'],
      help: 'Go to its trace',
      run: () => {
        const line = lines[index];
        const link = line && traceLink(line.record);
        if (!link) return;
        onLeave(line.key);
        void navigate(link);
      },
    },
  ]);

  return (
    <div className={classes.box}>
      <div ref={scroller} className={classes.scroller}>
        <ol
          className={classes.list}
          data-dated={dated || undefined}
          style={{ height: rows.getTotalSize() }}
          aria-label="Log records"
        >
          {rows.getVirtualItems().map((item) => {
            const line = lines[item.index];
            if (!line) return null;
            const open = opened.has(line.key);
            return (
              <li
                key={item.key}
                ref={rows.measureElement}
                data-index={item.index}
                className={classes.item}
                style={{ transform: `translateY(${item.start}px)` }}
              >
                <LogRow
                  record={line.record}
                  dated={dated}
                  open={open}
                  current={item.index === index}
                  takeFocus={focused && item.index === index}
                  onToggle={() => toggle(line.key)}
                  onLeave={() => onLeave(line.key)}
                />
                {open && (
                  <LogDetails
                    record={line.record}
                    onLeave={() => onLeave(line.key)}
                    onChange={onChange}
                    onFilter={onFilter}
                  />
                )}
              </li>
            );
          })}
        </ol>
        {footer}
      </div>
    </div>
  );
}

function dateOf(time: string): string {
  return formatDate(millisOfNanos(time));
}

/** Keeps what is read in its place when lines come in above it; at the top the new ones are what is read. */
function useAnchor(scroller: RefObject<HTMLDivElement | null>, lines: readonly Line[]): void {
  const before = useRef(lines);
  useLayoutEffect(() => {
    const element = scroller.current;
    const first = before.current[0]?.key;
    before.current = lines;
    if (!element || element.scrollTop === 0 || lines[0]?.key === first) return;
    const now = lines.findIndex(({ key }) => key === first);
    if (now > 0) element.scrollBy(0, now * rowHeight);
  }, [scroller, lines]);
}
