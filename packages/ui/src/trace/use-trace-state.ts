import { useCallback, useDeferredValue, useMemo, useState } from 'react';
import { find, type Found } from './find.ts';
import { addFold, foldedNodes, parseFold, printFold, unfoldTo, type FoldStep } from './fold.ts';
import type { TraceModel } from './model.ts';
import { visibleRows, type Rows } from './rows.ts';
import type { PanelSide, TraceUrl } from './trace-url.ts';
import { useLatest } from '../hooks/use-latest.ts';
import { including, isWhole, parseRange, printRange, within, type Range } from './zoom.ts';

/** What the user has made of the trace, computed from the address. */
export interface TraceState {
  readonly model: TraceModel;
  readonly url: TraceUrl;
  /** The selected node, or -1. */
  readonly selected: number;
  readonly folded: Uint8Array;
  readonly rows: Rows;
  readonly range: Range;
  /** Undefined while nothing is looked for. */
  readonly found: Found | undefined;
  /** What to scroll to; a new object each time. */
  readonly goal: Goal | undefined;
  readonly actions: TraceActions;
}

export interface Goal {
  readonly node: number;
  readonly where: 'nearest' | 'center';
}

export interface TraceActions {
  readonly change: (part: Partial<TraceUrl>) => void;
  /** Selects, unfolds what hides the span and scrolls to it. -1 selects nothing. */
  readonly select: (node: number, where?: Goal['where']) => void;
  /** Selects and opens the details. */
  readonly open: (node: number) => void;
  readonly fold: (step: FoldStep) => void;
  readonly unfoldAll: () => void;
  /** Undefined shows the whole trace. */
  readonly zoom: (range: Range | undefined) => void;
}

export function useTraceState(
  model: TraceModel,
  { url, change }: { url: TraceUrl; change: (part: Partial<TraceUrl>) => void },
  foundByServer: readonly string[] | undefined,
  lastPanel: PanelSide,
): TraceState {
  const { columns, tree, logs, whole, nodeOf } = model;
  const selected = url.span === undefined ? -1 : nodeOf(url.span);
  const folded = useMemo(() => foldedNodes(tree, parseFold(url.fold), nodeOf), [tree, url.fold, nodeOf]);
  const rows = useMemo(
    () => visibleRows(tree, folded, url.logRows ? logs : undefined),
    [tree, folded, url.logRows, logs],
  );
  const range = useMemo(() => {
    const asked = parseRange(url.zoom, columns.origin);
    return asked ? within(whole, asked) : whole;
  }, [url.zoom, columns, whole]);
  const text = useDeferredValue(url.find);
  const found = useMemo(
    () => (text ? find(text, columns, tree, logs, foundByServer?.map(nodeOf)) : undefined),
    [text, columns, tree, logs, foundByServer, nodeOf],
  );
  const [goal, setGoal] = useState<Goal | undefined>(() =>
    selected >= 0 ? { node: selected, where: 'center' } : undefined,
  );
  const latest = useLatest({ model, url, folded, range });

  const show = useCallback(
    (node: number, where: Goal['where'], panel?: PanelSide) => {
      const now = latest.current;
      const { columns: all } = now.model;
      if (node < 0) return change({ span: undefined });
      const steps = parseFold(now.url.fold);
      const unfolded = unfoldTo(now.model.tree, now.folded, node, steps, now.model.keyOf);
      const bar = { from: all.start[node]!, to: all.start[node]! + all.duration[node]! };
      const moved = including(now.model.whole, now.range, bar);
      change({
        span: now.model.keyOf(node),
        ...(panel ? { panel } : {}),
        ...(unfolded === steps ? {} : { fold: printFold(unfolded) }),
        ...(moved === now.range ? {} : { zoom: printRange(moved, all.origin) }),
      });
      setGoal({ node, where });
    },
    [change, latest],
  );
  const keepInSight = useCallback(() => {
    const { model: now, url: there } = latest.current;
    const node = there.span === undefined ? -1 : now.nodeOf(there.span);
    if (node >= 0) setGoal({ node, where: 'center' });
  }, [latest]);
  const actions = useMemo<TraceActions>(
    () => ({
      change,
      select: (node, where = 'nearest') => show(node, where),
      open: (node) => show(node, 'nearest', latest.current.url.panel ?? lastPanel),
      fold: (step) => {
        change({ fold: printFold(addFold(parseFold(latest.current.url.fold), step)) });
        if (step.at === 'depth') keepInSight();
      },
      unfoldAll: () => {
        change({ fold: undefined });
        keepInSight();
      },
      zoom: (asked) => {
        const { model: now } = latest.current;
        const next = asked && within(now.whole, asked);
        change({
          zoom: next && !isWhole(now.whole, next) ? printRange(next, now.columns.origin) : undefined,
        });
      },
    }),
    [change, show, keepInSight, lastPanel, latest],
  );
  return { model, url, selected, folded, rows, range, found, goal, actions };
}
