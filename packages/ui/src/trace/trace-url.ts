import { colorings, type Coloring } from '../graph/drawn-graph.ts';
import { groupings, type Grouping } from '../graph/trace-graph.ts';
import type { GroupBy } from '../statistics/groups.ts';
import type { UrlSearch } from '../shell/url-search.ts';

export const tabs = ['waterfall', 'graph', 'statistics', 'logs', 'json'] as const;
export type Tab = (typeof tabs)[number];
export type PanelSide = 'side' | 'bottom';

/** What a link to a trace restores. */
export interface TraceUrl {
  readonly tab: Tab;
  /** Key of the selected span (`nodeKeys`). */
  readonly span: string | undefined;
  /** Where its details are; undefined: closed. */
  readonly panel: PanelSide | undefined;
  /** `parseRange`. */
  readonly zoom: string | undefined;
  /** `parseFold`. */
  readonly fold: string | undefined;
  readonly find: string | undefined;
  /** Whether log records have rows of their own. */
  readonly logRows: boolean;
  /** What the nodes of the graph are; undefined: what suits the trace. */
  readonly nodes: Grouping | undefined;
  /** What their colours say. */
  readonly colors: Coloring;
  /** What the rows of the statistics are. */
  readonly rows: GroupBy;
  /** `parseOrder`: of these rows. */
  readonly order: string | undefined;
}

export function parseTraceUrl(search: UrlSearch): TraceUrl {
  const one = (name: string) => {
    const value = [search[name] ?? []].flat()[0];
    return value === '' ? undefined : value;
  };
  const panel = one('panel');
  return {
    tab: tabs.find((tab) => tab === search.tab) ?? 'waterfall',
    span: one('span'),
    panel: panel === 'side' || panel === 'bottom' ? panel : undefined,
    zoom: one('zoom'),
    fold: one('fold'),
    find: one('find'),
    logRows: one('logs') === 'rows',
    nodes: groupings.find((grouping) => grouping === search.nodes),
    colors: colorings.find((coloring) => coloring === search.colors) ?? 'service',
    rows: search.rows === 'service' ? 'service' : 'operation',
    order: one('order'),
  };
}

export function printTraceUrl({ tab, logRows, colors, rows, ...texts }: TraceUrl): UrlSearch {
  const search = {
    ...texts,
    tab: tab === 'waterfall' ? undefined : tab,
    logs: logRows ? 'rows' : undefined,
    colors: colors === 'service' ? undefined : colors,
    rows: rows === 'operation' ? undefined : rows,
  };
  return Object.fromEntries(
    Object.entries(search).filter(([, value]) => value !== undefined && value !== ''),
  );
}
