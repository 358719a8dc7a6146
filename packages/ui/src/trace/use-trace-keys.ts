import type { RefObject } from 'react';
import { useShortcuts, type Shortcut } from '../shell/shortcuts.tsx';
import { neighbour } from './find.ts';
import { rowShowing, spanRow } from './rows.ts';
import { tabs, type Tab } from './trace-url.ts';
import type { TraceState } from './use-trace-state.ts';
import { zoomAround } from './zoom.ts';

const tabNames: Record<Tab, string> = {
  waterfall: 'Waterfall',
  graph: 'Graph',
  statistics: 'Statistics',
  logs: 'Log records',
  json: 'JSON',
};

/** How far PageUp and PageDown go. */
const pageRows = 20;

/** The keys of the view; those of the waterfall only while it is shown. */
export function useTraceKeys(state: TraceState, findInput: RefObject<HTMLInputElement | null>) {
  const { model, rows, folded, range, found, selected, url, actions } = state;
  const { tree, marks } = model;
  const row = selected < 0 ? -1 : rowShowing(tree, rows, selected);

  const toRow = (to: number) => {
    if (to >= 0) actions.select(rows.content[to]!);
  };
  const byPage = (step: 1 | -1) => {
    const near = Math.min(Math.max(row + step * pageRows, 0), rows.count - 1);
    toRow(rows.content[near]! >= 0 ? near : spanRow(rows, near, -1));
  };
  const foldSelected = (to: boolean, at: 'span' | 'subtree') => {
    actions.fold({ at, key: model.keyOf(selected), folded: to });
  };
  const isOpen = selected >= 0 && tree.children[selected]! > 0 && !folded[selected];
  const collapse = (event: KeyboardEvent) => {
    if (selected < 0) return;
    if (isOpen) foldSelected(true, event.shiftKey ? 'subtree' : 'span');
    else if (tree.parent[selected]! >= 0) actions.select(tree.parent[selected]!);
  };
  const expand = (event: KeyboardEvent) => {
    if (selected < 0) return toRow(spanRow(rows, -1, 1));
    if (event.shiftKey || folded[selected]) foldSelected(false, event.shiftKey ? 'subtree' : 'span');
    else if (isOpen) actions.select(tree.order[tree.position[selected]! + 1]!);
  };
  const goTo = (nodes: ArrayLike<number>, step: 1 | -1) => {
    const node = neighbour(tree, nodes, selected, step);
    if (node >= 0) actions.select(node);
  };
  const zoom = (factor: number) =>
    actions.zoom(zoomAround(model.whole, range, (range.from + range.to) / 2, factor));
  const escape = () => {
    if (url.panel) actions.change({ panel: undefined });
    else if (url.find) actions.change({ find: undefined });
    else actions.select(-1);
  };

  const inWaterfall: Shortcut[] = [
    { keys: ['j', 'ArrowDown'], help: 'Next span', run: () => toRow(spanRow(rows, row, 1)) },
    {
      keys: ['k', 'ArrowUp'],
      help: 'Previous span',
      run: () => toRow(spanRow(rows, row < 0 ? rows.count : row, -1)),
    },
    { keys: ['ArrowRight'], help: 'Expand, or first child; with Shift the branch', run: expand },
    { keys: ['ArrowLeft'], help: 'Collapse, or parent; with Shift the branch', run: collapse },
    { keys: ['PageDown'], help: 'Some spans down', run: () => byPage(1) },
    { keys: ['PageUp'], help: 'Some spans up', run: () => byPage(-1) },
    { keys: ['Home'], help: 'First span', run: () => toRow(spanRow(rows, -1, 1)) },
    { keys: ['End'], help: 'Last span', run: () => toRow(spanRow(rows, rows.count, -1)) },
    { keys: ['Enter'], help: 'Details of the span', run: () => selected >= 0 && actions.open(selected) },
    { keys: ['f'], help: 'Find in the trace', run: () => findInput.current?.select() },
    { keys: ['n'], help: 'Next match', run: () => goTo(found?.nodes ?? [], 1) },
    { keys: ['N'], help: 'Previous match', run: () => goTo(found?.nodes ?? [], -1) },
    { keys: ['e'], help: 'Next error', run: () => goTo(marks.errors, 1) },
    { keys: ['E'], help: 'Previous error', run: () => goTo(marks.errors, -1) },
    { keys: ['c'], help: 'Collapse all', run: () => actions.fold({ at: 'depth', depth: 0 }) },
    { keys: ['x'], help: 'Expand all', run: actions.unfoldAll },
    {
      keys: ['l'],
      help: 'Log records between the spans',
      run: () => actions.change({ logRows: !url.logRows }),
    },
    { keys: ['+', '='], help: 'Zoom in', run: () => zoom(0.5) },
    { keys: ['-'], help: 'Zoom out', run: () => zoom(2) },
    { keys: ['z'], help: 'Show the whole trace', run: () => actions.zoom(undefined) },
    { keys: ['Escape'], help: 'Close details, find, selection', run: escape },
  ];
  const everywhere: Shortcut[] = tabs.map((tab, index) => ({
    keys: [String(index + 1)],
    help: tabNames[tab],
    run: () => actions.change({ tab }),
  }));
  useShortcuts('Trace', url.tab === 'waterfall' ? [...inWaterfall, ...everywhere] : everywhere);
}
