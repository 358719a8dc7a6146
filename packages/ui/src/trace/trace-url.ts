import type { UrlSearch } from '../shell/url-search.ts';

export const tabs = ['waterfall', 'logs', 'json'] as const;
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
  };
}

export function printTraceUrl({ tab, logRows, ...texts }: TraceUrl): UrlSearch {
  const search = {
    ...texts,
    tab: tab === 'waterfall' ? undefined : tab,
    logs: logRows ? 'rows' : undefined,
  };
  return Object.fromEntries(
    Object.entries(search).filter(([, value]) => value !== undefined && value !== ''),
  );
}
